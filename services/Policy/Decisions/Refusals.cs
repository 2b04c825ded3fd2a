using System.Threading.Channels;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Decisions;

/// <summary>
/// Remembers why calls were refused, for those who are asked about it, and says once for each limit and window that it is used up. Beside the path of decisions:
/// a flood of refusals of one account leaves a few of them, never a queue.
/// </summary>
/// <param name="scopes">A scope for each batch.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Says what could not be remembered.</param>
public sealed partial class Refusals(IServiceScopeFactory scopes, TimeProvider timeProvider, ILogger<Refusals> logger) : BackgroundService
{
    private const int Waiting = 1_000;
    private const int BatchSize = 100;
    private const int PerAccountAndMinute = 5;
    private const int RememberedAccounts = 10_000;

    private readonly Channel<Refusal> _waiting = Channel.CreateBounded<Refusal>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _noted = [];
    private long _minute;

    internal void Note(DecisionRequest request, Decision decision)
    {
        if (IsOneOfTheFirst(request.Subject.AccountId))
        {
            _waiting.Writer.TryWrite(Refusal.Of(request, decision));
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var first in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            var batch = new List<Refusal> { first };
            while (batch.Count < BatchSize && _waiting.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            try
            {
                await KeepAsync(batch, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogLost(logger, exception, batch.Count);
            }
        }
    }

    private async Task KeepAsync(List<Refusal> batch, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        var outbox = scope.ServiceProvider.GetRequiredService<IOutbox>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var refusal in batch)
        {
            db.Refusals.Add(refusal.Row);
            // A limit that is too small for one call, or held for a moment, is not used up.
            if (refusal.Limit is { IsUsedUp: true, WindowStart: { } start } line
                && await Thresholds.FirstAsync(db, refusal.Row.AccountId, line.Limit, start, LimitNotice.Exceeded, cancellationToken))
            {
                outbox.Add(db, new LimitExceeded
                {
                    EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()),
                    OccurredAt = refusal.Row.At,
                    AccountId = refusal.Row.AccountId,
                    UserId = refusal.Row.UserId,
                    Feature = refusal.Row.Feature,
                    Limit = Thresholds.StateOf(line),
                });
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private bool IsOneOfTheFirst(Guid account)
    {
        var minute = timeProvider.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        lock (_lock)
        {
            if (_minute != minute || _noted.Count > RememberedAccounts)
            {
                _minute = minute;
                _noted.Clear();
            }

            var noted = _noted.GetValueOrDefault(account);
            _noted[account] = noted + 1;
            return noted < PerAccountAndMinute;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} refusals could not be remembered")]
    private static partial void LogLost(ILogger logger, Exception exception, int count);

    private sealed record Refusal(RefusedCall Row, LimitOutcome? Limit)
    {
        internal static Refusal Of(DecisionRequest request, Decision decision) => new(
            new RefusedCall
            {
                Id = Guid.CreateVersion7(decision.At),
                AccountId = request.Subject.AccountId,
                UserId = request.Subject.UserId,
                ApiKeyId = request.Subject.KeyId,
                At = decision.At,
                Feature = request.Feature,
                Model = request.Model,
                Channel = request.Channel,
                Reason = decision.Reason!,
                Limit = decision.RefusedBy?.Limit.Code ?? decision.RefusedByPolicy,
                TraceId = System.Diagnostics.Activity.Current?.TraceId.ToString(),
                Limits = [.. decision.Limits.Select(RefusedCallLimit.Of)],
            },
            decision.RefusedBy);
    }
}
