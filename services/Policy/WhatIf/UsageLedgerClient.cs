using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BotGeneric.Policy.WhatIf;

/// <summary>Reads recorded use at Usage, in the name of the admin who asks.</summary>
/// <param name="client">The connection.</param>
public sealed class UsageLedgerClient(HttpClient client)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The entries of a time, in its order.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <param name="account">Only this account's.</param>
    /// <param name="authorization">The admin's own credential, as it came.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="UsageUnavailableException">Usage does not answer, or breaks off, or says something else.</exception>
    public async IAsyncEnumerable<RecordedUse> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, Guid? account, string? authorization, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"api/admin/usage/entries?from={Time(from)}&to={Time(to)}{(account is { } one ? $"&account={one}" : string.Empty)}");
        using var response = await TryAsync(() => SendAsync(address, authorization, cancellationToken), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new UsageUnavailableException($"Usage answered {(int)response.StatusCode}.");
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await TryAsync(() => reader.ReadLineAsync(cancellationToken).AsTask(), cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Read(line);
            }
        }
    }

    /// <summary>Reads one line of the answer.</summary>
    /// <param name="line">A JSON object: the account and the entry.</param>
    /// <exception cref="UsageUnavailableException">It is none.</exception>
    internal static RecordedUse Read(string line)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Line>(line, Json);
            return read?.Entry is not { } entry
                ? throw new UsageUnavailableException("Usage answered with an entry that cannot be read.")
                : new RecordedUse
                {
                    Time = entry.Time,
                    AccountId = read.AccountId,
                    UserId = entry.UserId,
                    KeyId = entry.ApiKeyId,
                    Feature = entry.Feature,
                    Model = entry.Model,
                    Channel = entry.Channel,
                    Requests = entry.Requests,
                    InputTokens = entry.InputTokens + entry.CachedInputTokens + entry.CacheWriteTokens,
                    OutputTokens = entry.OutputTokens + entry.ReasoningTokens,
                    Cost = entry.Cost is { } cost ? decimal.Parse(cost.Amount, NumberStyles.Float, CultureInfo.InvariantCulture) : null,
                    Currency = entry.Cost?.Currency,
                    IsCorrection = entry.CorrectsEntryId is not null,
                };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException)
        {
            throw new UsageUnavailableException("Usage answered with an entry that cannot be read.", exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string address, string? authorization, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = AuthenticationHeaderValue.TryParse(authorization, out var credential) ? credential : null;
        // The entries are judged as they come, not collected.
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not UsageUnavailableException)
        {
            // Whatever the pipeline of attempts ends with: a timeout, an open circuit, a broken connection.
            throw new UsageUnavailableException("Usage does not answer.", exception);
        }
    }

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));

    private sealed record Line(Guid AccountId, Entry? Entry);

    private sealed record Entry(
        DateTimeOffset Time, Guid? UserId, string? ApiKeyId, string Feature, string? Channel, string? Model, long Requests, long InputTokens, long CachedInputTokens,
        long CacheWriteTokens, long OutputTokens, long ReasoningTokens, Money? Cost, Guid? CorrectsEntryId);

    private sealed record Money(string Amount, string Currency);
}

/// <summary>Recorded use cannot be read at the moment.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The cause.</param>
public sealed class UsageUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
