namespace BotGeneric.Billing.Paddle.Edge;

/// <summary>
/// Counts refused deliveries, and writes at most one line for each reason and minute: whoever sends them must not be able to fill a disk, and
/// whoever runs the system must see that something is wrong.
/// </summary>
/// <param name="metrics">Counts them all.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets the lines.</param>
internal sealed partial class PaddleRefusalLog(PaddleMetrics metrics, TimeProvider timeProvider, ILogger<PaddleRefusalLog> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset WrittenAt, long Suppressed)> _lines = [];

    /// <summary>Notes a refusal.</summary>
    internal void Refused(PaddleRefusal refusal)
    {
        var reason = PaddleRefusals.NameOf(refusal);
        metrics.Refused(reason);
        if (MayWrite(reason, out var suppressed))
        {
            LogRefused(logger, reason, PaddleRefusals.HintFor(refusal), suppressed);
        }
    }

    /// <summary>Notes a delivery that was taken although its source could not be checked.</summary>
    internal void SourceUnchecked()
    {
        metrics.SourceUnchecked();
        if (MayWrite("source_unchecked", out var suppressed))
        {
            LogUnchecked(logger, suppressed);
        }
    }

    private bool MayWrite(string reason, out long suppressed)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            if (_lines.TryGetValue(reason, out var line) && now - line.WrittenAt < Pause)
            {
                _lines[reason] = line with { Suppressed = line.Suppressed + 1 };
                suppressed = 0;
                return false;
            }

            suppressed = line.Suppressed;
            _lines[reason] = (now, 0);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a delivery to the Paddle webhook: {Reason} ({Hint}); {Suppressed} before it were not logged")]
    private static partial void LogRefused(ILogger logger, string reason, string hint, long suppressed);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Took a delivery to the Paddle webhook by its signature alone: Paddle's addresses could not be fetched so far; {Suppressed} before it were not logged")]
    private static partial void LogUnchecked(ILogger logger, long suppressed);
}
