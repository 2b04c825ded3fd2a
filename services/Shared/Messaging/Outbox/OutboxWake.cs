namespace BotGeneric.Messaging.Outbox;

/// <summary>Wakes the dispatcher. Any number of pulses while it works is one more round, never none.</summary>
internal sealed class OutboxWake(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _pulse = new(0, 1);
    private readonly Lock _gate = new();

    public void Pulse()
    {
        lock (_gate)
        {
            if (_pulse.CurrentCount == 0)
                _pulse.Release();
        }
    }

    /// <summary>Returns at the next pulse or after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var alarm = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, cancellationToken);
        try
        {
            await _pulse.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (alarm.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The time is up: that is the other way to wake.
        }
    }

    public void Dispose() => _pulse.Dispose();
}
