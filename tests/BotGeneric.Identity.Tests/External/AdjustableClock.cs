namespace BotGeneric.Identity.Tests.External;

/// <summary>The system's clock, put forward. Timers run as always, so that what works in the background goes on.</summary>
public sealed class AdjustableClock : TimeProvider
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

    public void Advance(TimeSpan by) => _offset += by;
}
