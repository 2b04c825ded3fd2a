using System.Text.Json;
using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Status;

/// <summary>Asks a replica of a service for its health.</summary>
/// <param name="client">The connection.</param>
/// <param name="options">How long an answer may take.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets the reason why a replica does not answer.</param>
internal sealed partial class HealthClient(
    HttpClient client, IOptions<StatusOptions> options, TimeProvider timeProvider, ILogger<HealthClient> logger)
{
    /// <summary>Asks once. An answer of 503 is an answer: it says what is wrong.</summary>
    /// <param name="address">The replica's base address.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The answer; null when there was none that could be read.</returns>
    internal async Task<HealthDocument?> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.AnswerTimeout, timeProvider);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await client.GetAsync(new Uri(address, "/health"), attempt.Token);
            return await response.Content.ReadFromJsonAsync<HealthDocument>(HealthDocument.Json, attempt.Token);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or JsonException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogSilent(logger, exception, address);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Address} does not tell its health")]
    private static partial void LogSilent(ILogger logger, Exception exception, Uri address);
}
