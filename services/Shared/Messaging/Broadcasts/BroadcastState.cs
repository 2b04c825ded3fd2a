namespace BotGeneric.Messaging.Broadcasts;

/// <summary>Whether this process hears broadcasts at the moment.</summary>
/// <param name="timeProvider">The clock.</param>
public sealed class BroadcastState(TimeProvider timeProvider)
{
    private volatile Snapshot _current = new(false, timeProvider.GetUtcNow());

    /// <summary>True while every event reaches this process.</summary>
    public bool IsConnected => _current.IsConnected;

    /// <summary>Since when it is so, UTC.</summary>
    public DateTimeOffset Since => _current.Since;

    internal void Connected() => Change(true);

    internal void Disconnected() => Change(false);

    private void Change(bool isConnected)
    {
        if (_current.IsConnected != isConnected)
        {
            _current = new Snapshot(isConnected, timeProvider.GetUtcNow());
        }
    }

    private sealed record Snapshot(bool IsConnected, DateTimeOffset Since);
}
