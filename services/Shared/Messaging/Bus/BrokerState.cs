namespace BotGeneric.Messaging.Bus;

/// <summary>What is known about the broker, for the health check.</summary>
internal sealed class BrokerState
{
    private volatile string? _publisherError = "not connected yet";
    private volatile bool _publisherWasUp;

    /// <summary>Why the publisher is down; null while it is connected.</summary>
    public string? PublisherError => _publisherError;

    /// <summary>Whether the queues of every consumer have been declared at least once by this process.</summary>
    public bool PublisherWasUp => _publisherWasUp;

    public void PublisherUp()
    {
        _publisherWasUp = true;
        _publisherError = null;
    }

    public void PublisherDown(Exception reason) => _publisherError = reason.GetType().Name;
}
