namespace BotGeneric.Testing.Services;

/// <summary>
/// A clock that a test moves, for a whole service. Timers run by the system's: what works in the background goes on, and a test that moves the clock by
/// months does not have each of them ring for every second of it.
/// </summary>
/// <param name="standsStill">Whether it moves only when it is moved, and shows whole seconds, as tokens have them; else it goes on as the system's.</param>
public sealed class TestClock(bool standsStill = false) : TimeProvider
{
    private readonly long _start = standsStill ? System.GetUtcNow().ToUnixTimeSeconds() : 0;
    private long _ahead;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() =>
        (standsStill ? DateTimeOffset.FromUnixTimeSeconds(_start) : base.GetUtcNow()).AddTicks(Interlocked.Read(ref _ahead));

    /// <summary>Moves it.</summary>
    /// <param name="time">By how much; less than nothing: back.</param>
    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
