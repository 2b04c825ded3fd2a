namespace BotGeneric.Billing.Domain;

/// <summary>What has become of a webhook event.</summary>
public enum WebhookEventStatus
{
    /// <summary>Stored, waiting for the worker.</summary>
    Pending,

    /// <summary>Its effect is committed.</summary>
    Applied,

    /// <summary>Later news was there already, so it changed nothing.</summary>
    Superseded,

    /// <summary>Nothing in this system depends on its type. It is kept.</summary>
    Ignored,

    /// <summary>Every attempt failed; an admin decides.</summary>
    Failed,
}

/// <summary>An event that the payment provider delivered: stored before it is answered, applied afterwards.</summary>
public sealed class WebhookEvent
{
    /// <summary>Attempts before an event waits for an admin; with the back-off between them about 17 minutes.</summary>
    public const int MaximumAttempts = 10;

    /// <summary>The body of an event about somebody who was erased.</summary>
    public const string EmptyBody = "{}";

    private WebhookEvent()
    {
    }

    /// <summary>Paddle's id, the same in every delivery of this event.</summary>
    public string EventId { get; private set; } = string.Empty;

    /// <summary>Paddle's type, such as <c>subscription.updated</c>.</summary>
    public string EventType { get; private set; } = string.Empty;

    /// <summary>When it happened at Paddle, UTC.</summary>
    public DateTimeOffset OccurredAt { get; private set; }

    /// <summary>When it was stored here, UTC.</summary>
    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>The body, as it was signed; <see cref="EmptyBody"/> once it was emptied.</summary>
    public string Body { get; private set; } = string.Empty;

    /// <summary>Whether its body was emptied, with somebody who was erased: there is nothing left to apply.</summary>
    public bool IsEmptied => Body == EmptyBody;

    /// <summary>The W3C trace context of the delivery, so that the worker's spans belong to it.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>What has become of it.</summary>
    public WebhookEventStatus Status { get; private set; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; private set; }

    /// <summary>Not to be tried before, UTC.</summary>
    public DateTimeOffset NextAttemptAt { get; private set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; private set; }

    /// <summary>Records a delivery.</summary>
    /// <param name="eventId">Paddle's id of the event.</param>
    /// <param name="eventType">Paddle's type.</param>
    /// <param name="occurredAt">When it happened, UTC.</param>
    /// <param name="body">The body, as it was signed.</param>
    /// <param name="receivedAt">Now, UTC.</param>
    /// <param name="traceParent">The W3C trace context of the delivery, if there is one.</param>
    /// <returns>The pending event.</returns>
    public static WebhookEvent Receive(
        string eventId, string eventType, DateTimeOffset occurredAt, string body, DateTimeOffset receivedAt, string? traceParent) => new()
        {
            EventId = eventId,
            EventType = eventType,
            OccurredAt = occurredAt,
            ReceivedAt = receivedAt,
            Body = body,
            TraceParent = traceParent,
            NextAttemptAt = receivedAt,
        };

    /// <summary>Notes the outcome of an attempt that did not fail.</summary>
    /// <param name="outcome">Anything but pending and failed.</param>
    public void Settle(WebhookEventStatus outcome)
    {
        Status = outcome;
        Attempts++;
        Error = null;
    }

    /// <summary>Notes a failed attempt and sets the next one, ever further away.</summary>
    /// <param name="error">Why it failed.</param>
    /// <param name="now">Now, UTC.</param>
    public void Fail(string error, DateTimeOffset now)
    {
        Attempts++;
        Error = error;
        Status = Attempts < MaximumAttempts ? WebhookEventStatus.Pending : WebhookEventStatus.Failed;
        NextAttemptAt = now + TimeSpan.FromSeconds(Math.Pow(2, Attempts));
    }

    /// <summary>Notes that an attempt met somebody else's change, and that the next one may follow at once.</summary>
    /// <param name="error">What it met.</param>
    /// <param name="now">Now, UTC.</param>
    public void Yield(string error, DateTimeOffset now)
    {
        Attempts++;
        Error = error;
        NextAttemptAt = now;
    }

    /// <summary>Forgets what the provider has said, and keeps that it said something of this type then. Only for what is settled. Safe to repeat.</summary>
    public void Empty() => Body = EmptyBody;

}
