using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.Messaging.Inbox;

/// <summary>
/// Tells a message that fails from a database that is down. The first may become a dead letter after some attempts, the second never: else one
/// restart of a database would put aside everything that arrived meanwhile.
/// </summary>
internal sealed class OutageDetector(NpgsqlDataSource dataSource, IReadOnlyList<Func<Exception, bool>> alsoOutages, ILogger<OutageDetector> logger)
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Whether the failure says nothing about the message.</summary>
    public async Task<bool> IsOutageAsync(Exception exception, CancellationToken cancellationToken)
    {
        var chain = Chain(exception).ToList();
        if (chain.Any(e => alsoOutages.Any(matches => matches(e))))
            return true;
        if (chain.OfType<PostgresException>().FirstOrDefault() is { } answer)
            return IsServerTrouble(answer.SqlState);
        if (chain.OfType<NpgsqlException>().FirstOrDefault() is null)
            return false;
        if (chain.Any(e => e is SocketException or IOException))
            return true;
        // A timeout: of a statement that is too slow, which is the handler's fault, or of a server that is gone. The server knows.
        return !await AnswersAsync(cancellationToken);
    }

    /// <summary>
    /// Classes of PostgreSQL error codes (appendix A of its manual) that speak of the server and not of the statement: connection exceptions
    /// (08), insufficient resources (53), shutdown and recovery (57P), system errors (58); and a server that has become a standby (25006).
    /// </summary>
    private static bool IsServerTrouble(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState.StartsWith("53", StringComparison.Ordinal)
        || sqlState.StartsWith("57P", StringComparison.Ordinal)
        || sqlState.StartsWith("58", StringComparison.Ordinal)
        || sqlState == PostgresErrorCodes.ReadOnlySqlTransaction;

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(timeout.Token);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Log.ProbeFailed(logger, exception);
            return false;
        }
    }

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            yield return current;
            if (current is AggregateException aggregate)
            {
                foreach (var inner in aggregate.InnerExceptions.SelectMany(Chain))
                    yield return inner;
            }
        }
    }
}
