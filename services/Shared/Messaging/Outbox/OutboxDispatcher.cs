using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Messaging.Outbox;

/// <summary>
/// Brings outbox rows to the broker. A round is one transaction: claim, publish, await the confirms, delete what was confirmed, put off what
/// failed, commit. A crash at any point leaves rows that were not deleted; those that the broker had already are published once more and
/// recognised by the consumers' inboxes.
/// </summary>
internal sealed class OutboxDispatcher(
    NpgsqlDataSource dataSource, BrokerPublisher publisher, OutboxWake wake, IOptions<MessagingOptions> options, TimeProvider time,
    ILogger<OutboxDispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);

    private readonly MessagingOptions _options = options.Value;
    private readonly OutboxSettlement _settlement = new(options.Value, time, logger);
    private long _measured;
    private DateTimeOffset _claimed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Before any row is locked: while the broker is down, rows must stay free and unblamed.
                await publisher.EnsureConnectedAsync(stoppingToken);
                var more = await DispatchRoundAsync(stoppingToken);
                failures = 0;
                if (!more)
                    await wake.WaitAsync(await MeasureAsync(stoppingToken), stoppingToken);
                else if (time.GetElapsedTime(_measured) > MeasureInterval)
                    await MeasureAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                var delay = Backoff.Exponential(TimeSpan.FromMilliseconds(200), 2, ++failures, _options.MaxOutageDelay);
                await ReportAsync(exception, delay);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One round. True when there may be more to do at once.</summary>
    internal async Task<bool> DispatchRoundAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        _claimed = time.GetUtcNow();
        var unordered = await OutboxClaim.UnorderedAsync(connection, transaction, _claimed, _options.OutboxBatchSize, cancellationToken);
        var ordered = await OutboxClaim.OrderedAsync(connection, transaction, _claimed, _options.OutboxBatchSize, cancellationToken);
        if (unordered.Count + ordered.Count == 0)
            return false;

        MessagingDiagnostics.Step(MessagingSteps.OutboxClaimed, unordered.Count + ordered.Count);

        // From here on a stopping host lets the round end, within the timeout: the fewer rows are published twice, the better.
        using var timeout = new CancellationTokenSource(_options.PublishTimeout, time);
        var results = new ConcurrentBag<(OutboxRow Row, PublishResult Result)>();
        BrokerUnavailableException? outage = null;
        try
        {
            await PublishAsync(unordered, ordered, results, timeout.Token);
        }
        catch (BrokerUnavailableException exception)
        {
            outage = exception;
        }

        MessagingDiagnostics.Step(MessagingSteps.OutboxConfirmed, results.Count);
        await _settlement.SettleAsync(connection, transaction, results, CancellationToken.None);
        MessagingDiagnostics.Step(MessagingSteps.OutboxDeleted, results.Count);
        await transaction.CommitAsync(CancellationToken.None);
        MessagingDiagnostics.Step(MessagingSteps.OutboxCommitted, results.Count);

        MessagingDiagnostics.Published.Add(results.Count(r => r.Result == PublishResult.Confirmed));
        if (outage is not null)
            throw outage;
        if (results.Any(r => r.Result == PublishResult.Unroutable))
            // Somebody deleted a queue. Connecting anew declares it again before the next attempt.
            await publisher.ResetAsync(null);
        return unordered.Count == _options.OutboxBatchSize || ordered.Count == _options.OutboxBatchSize;
    }

    /// <summary>
    /// Publishes rows without a key all at once, and rows of one key one after another, each after the confirm of the one before. A key stops
    /// at its first failure. All rows are tried; the first outage is thrown at the end.
    /// </summary>
    private async Task PublishAsync(
        List<OutboxRow> unordered, List<OutboxRow> ordered, ConcurrentBag<(OutboxRow, PublishResult)> results, CancellationToken cancellationToken)
    {
        var flights = new List<Task>(unordered.Count + ordered.Count);
        flights.AddRange(unordered.Select(row => PublishOneAsync(row)));
        flights.AddRange(ordered.GroupBy(row => row.OrderingKey).Select(PublishKeyAsync));
        await Task.WhenAll(flights);

        async Task<bool> PublishOneAsync(OutboxRow row)
        {
            var result = await publisher.PublishAsync(row, cancellationToken);
            results.Add((row, result));
            if (result == PublishResult.Confirmed)
                MessagingDiagnostics.Step(MessagingSteps.OutboxPublished);
            return result == PublishResult.Confirmed;
        }

        async Task PublishKeyAsync(IEnumerable<OutboxRow> rows)
        {
            foreach (var row in rows)
            {
                if (!await PublishOneAsync(row))
                    return;
            }
        }
    }

    /// <summary>
    /// Measures the lag, and says how long there is nothing to do unless somebody inserts: until the next row is due, at most the poll interval.
    /// What counts as due is what the last claim saw as due, so that a row whose time comes between the two is the next row, and not one
    /// that neither of them looks at.
    /// </summary>
    private async Task<TimeSpan> MeasureAsync(CancellationToken cancellationToken)
    {
        _measured = time.GetTimestamp();
        var lag = await OutboxLag.MeasureAsync(dataSource, _claimed, cancellationToken);
        var now = time.GetUtcNow();
        MessagingDiagnostics.RecordLag(lag.DueCount, lag.OldestDue is { } oldest ? now - oldest : TimeSpan.Zero);
        if (lag.NextDue is not { } next || next - now > _options.OutboxPollInterval)
            return _options.OutboxPollInterval;
        // A timer may ring a moment early; a millisecond more keeps the row from being looked at before it is due.
        return (next > now ? next - now : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1);
    }

    private async Task ReportAsync(Exception exception, TimeSpan delay)
    {
        switch (exception)
        {
            case BrokerUnavailableException:
                Log.BrokerUnavailable(logger, exception, delay);
                await publisher.ResetAsync(exception.InnerException ?? exception);
                break;
            case NpgsqlException:
                Log.DispatcherDatabaseUnavailable(logger, exception, delay);
                break;
            default:
                Log.DispatcherFailed(logger, exception, delay);
                break;
        }
    }
}
