namespace BotGeneric.Simulators.Paddle.Clock;

/// <summary>The machine's clock plus an offset that only grows. Guarded by the world's lock.</summary>
/// <param name="timeProvider">The machine's clock.</param>
internal sealed class PaddleClock(TimeProvider timeProvider)
{
    // Paddle's times are whole microseconds.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    private TimeSpan _offset;
    private DateTimeOffset _last;

    /// <summary>How far ahead of the machine's clock it is.</summary>
    public TimeSpan Offset => _offset;

    /// <summary>The latest time that was given out.</summary>
    public DateTimeOffset Last => _last;

    public DateTimeOffset Now
    {
        get
        {
            var now = Trim(timeProvider.GetUtcNow() + _offset);
            return now > _last ? now : _last;
        }
    }

    /// <summary>
    /// A time that is later than every one given out before: readers tell by it which of two snapshots is the newer one, also when the machine's
    /// clock stands still in a test.
    /// </summary>
    public DateTimeOffset Stamp()
    {
        var now = Trim(timeProvider.GetUtcNow() + _offset);
        _last = now > _last ? now : _last + Step;
        return _last;
    }

    /// <summary>Moves ahead. An earlier time changes nothing.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        if (time > Now)
        {
            _offset = time - Trim(timeProvider.GetUtcNow());
        }
    }

    /// <summary>Goes on from where it was when the process ended. The time between counts.</summary>
    /// <param name="offset">How far ahead it was.</param>
    /// <param name="last">The latest time that was given out.</param>
    public void GoOn(TimeSpan offset, DateTimeOffset last) => (_offset, _last) = (offset, last);

    public void Reset()
    {
        _offset = TimeSpan.Zero;
        _last = default;
    }

    private static DateTimeOffset Trim(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
