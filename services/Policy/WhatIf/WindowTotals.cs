using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.WhatIf;

/// <summary>What was used in the window of one counter. Exact: a sliding window holds what happened later than its length before the moment, to the tick.</summary>
/// <param name="window">The kind of the window.</param>
/// <param name="length">The length of a sliding one.</param>
internal sealed class WindowTotals(LimitWindowKind window, TimeSpan length)
{
    // Only of a sliding window: when, and how much.
    private readonly Queue<(DateTimeOffset Time, long Amount)>? _uses = window == LimitWindowKind.Sliding ? new() : null;
    private DateTimeOffset _start;
    private long _used;

    /// <summary>How many uses are remembered.</summary>
    internal int Remembered => _uses?.Count ?? 0;

    /// <summary>What was used in the window that a moment lies in. Moments never go back.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="period">The billing period that the moment lies in, for windows that are one.</param>
    internal long At(DateTimeOffset at, BillingPeriod? period)
    {
        if (_uses is not null)
        {
            while (_uses.TryPeek(out var oldest) && oldest.Time <= at - length)
            {
                _used -= _uses.Dequeue().Amount;
            }

            return _used;
        }

        var start = StartOf(at, period);
        if (start != _start)
        {
            (_start, _used) = (start, 0);
        }

        return _used;
    }

    /// <summary>Adds a use at the moment that was looked at last.</summary>
    internal void Add(DateTimeOffset at, long amount)
    {
        _used = Math.Min(_used + amount, CompiledLimit.LargestAmount * 2);
        _uses?.Enqueue((at, amount));
    }

    private DateTimeOffset StartOf(DateTimeOffset at, BillingPeriod? period) => window switch
    {
        LimitWindowKind.Day => new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero),
        LimitWindowKind.BillingPeriod when period is not null => period.Start,
        _ => new DateTimeOffset(at.UtcDateTime.Year, at.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero),
    };
}
