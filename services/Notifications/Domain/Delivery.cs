namespace BotGeneric.Notifications.Domain;

/// <summary>
/// One message to one person, and the record of what became of it. The address and what the message says are kept encrypted while they are needed
/// and deleted when the delivery is final; what stays tells an operator what happened and nobody who it was.
/// </summary>
public sealed class Delivery
{
    private Delivery()
    {
    }

    /// <summary>UUIDv7 of this delivery.</summary>
    public Guid Id { get; private set; }

    /// <summary>The event that asked for it; one delivery for each.</summary>
    public Guid EventId { get; private set; }

    /// <summary>The person it concerns; null for somebody without an account.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>What is said.</summary>
    public string Template { get; private set; } = string.Empty;

    /// <summary>In which language: <c>en</c>, <c>ru</c>, <c>uk</c>.</summary>
    public string Language { get; private set; } = string.Empty;

    /// <summary>The address as the log may keep it: <c>a•••@example.com</c>.</summary>
    public string MaskedAddress { get; private set; } = string.Empty;

    /// <summary>Keyed fingerprint of the address, by which a suppression is found.</summary>
    public byte[] AddressFingerprint { get; private set; } = [];

    /// <summary>Address and values, encrypted; null when they are not needed any more.</summary>
    public byte[]? Content { get; private set; }

    /// <summary>When <see cref="Content"/> of a failed delivery is deleted, UTC; null while it is needed or gone.</summary>
    public DateTimeOffset? ContentDeletedAt { get; private set; }

    /// <summary>What has become of it.</summary>
    public DeliveryState State { get; private set; }

    /// <summary>Attempts to hand it to the mail server, since it was asked for.</summary>
    public int Attempts { get; private set; }

    /// <summary>Not tried before this time, UTC.</summary>
    public DateTimeOffset NextAttemptAt { get; private set; }

    /// <summary>After this time, UTC, no attempt follows a failed one.</summary>
    public DateTimeOffset GiveUpAt { get; private set; }

    /// <summary>After this time, UTC, the message would be of no use; null: always of use.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>The SMTP reply code of the last attempt; null when there was none.</summary>
    public int? LastStatusCode { get; private set; }

    /// <summary>Why the last attempt ended as it did, in words of ours: what a server says may quote the address.</summary>
    public string? LastReason { get; private set; }

    /// <summary>The message's <c>Message-ID</c>, the same at every attempt; null before the first.</summary>
    public string? MessageId { get; private set; }

    /// <summary>W3C <c>traceparent</c> of the request for it.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>When it was asked for, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the mail server accepted it, UTC.</summary>
    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>When it reached the state that it is in, UTC; null while it is pending.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Takes a request.</summary>
    /// <param name="request">What is to be sent.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="giveUpAfter">How long it is tried.</param>
    /// <returns>A pending delivery, due at once.</returns>
    public static Delivery Request(DeliveryRequest request, DateTimeOffset now, TimeSpan giveUpAfter)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new Delivery
        {
            Id = Guid.CreateVersion7(now),
            EventId = request.EventId,
            UserId = request.UserId,
            Template = request.Template,
            Language = request.Language,
            MaskedAddress = request.MaskedAddress,
            AddressFingerprint = request.AddressFingerprint,
            Content = request.Content,
            State = DeliveryState.Pending,
            NextAttemptAt = now,
            GiveUpAt = now + giveUpAfter,
            ExpiresAt = request.ExpiresAt,
            TraceParent = request.TraceParent,
            CreatedAt = now,
        };
    }

    /// <summary>An attempt begins.</summary>
    /// <param name="messageId">The message's <c>Message-ID</c>; kept from the first attempt on.</param>
    public void Attempt(string messageId)
    {
        Attempts++;
        MessageId ??= messageId;
    }

    /// <summary>The mail server has taken the message.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Sent(DateTimeOffset now)
    {
        SentAt = now;
        Finish(DeliveryState.Sent, new DeliveryOutcome(250, null), now);
    }

    /// <summary>The attempt failed in a way that may pass.</summary>
    /// <param name="outcome">What happened.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="delay">The pause before the next attempt.</param>
    /// <param name="keepFor">How long the content is kept if this was the last attempt.</param>
    /// <returns>Whether another attempt follows.</returns>
    public bool Postpone(DeliveryOutcome outcome, DateTimeOffset now, TimeSpan delay, TimeSpan keepFor)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (now + delay > GiveUpAt)
        {
            Fail(outcome, now, keepFor);
            return false;
        }

        (LastStatusCode, LastReason) = (outcome.StatusCode, outcome.Reason);
        NextAttemptAt = now + delay;
        return true;
    }

    /// <summary>It cannot be sent as things are. The content is kept for a while, so that an admin can have it tried again.</summary>
    /// <param name="outcome">What happened.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="keepFor">How long the content is kept; not longer than the message is of use.</param>
    public void Fail(DeliveryOutcome outcome, DateTimeOffset now, TimeSpan keepFor)
    {
        var content = Content;
        Finish(DeliveryState.Failed, outcome, now);
        Content = content;
        ContentDeletedAt = ExpiresAt < now + keepFor ? ExpiresAt : now + keepFor;
    }

    /// <summary>The address was refused for good.</summary>
    /// <param name="outcome">What happened.</param>
    /// <param name="now">The time, UTC.</param>
    public void Bounce(DeliveryOutcome outcome, DateTimeOffset now) => Finish(DeliveryState.Bounced, outcome, now);

    /// <summary>It was not tried, because the address was refused for good before.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Suppress(DateTimeOffset now) => Finish(DeliveryState.Suppressed, new DeliveryOutcome(null, "the address is suppressed after a bounce"), now);

    /// <summary>Puts a failed delivery back to be tried at once, and for as long as a new one.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="giveUpAfter">How long it is tried.</param>
    /// <returns>Why it cannot be; null when it is done.</returns>
    public RetryRefusal? Retry(DateTimeOffset now, TimeSpan giveUpAfter)
    {
        if (State != DeliveryState.Failed)
        {
            return RetryRefusal.NotFailed;
        }

        if (ExpiresAt <= now)
        {
            return RetryRefusal.Expired;
        }

        if (Content is null)
        {
            return RetryRefusal.ContentDeleted;
        }

        State = DeliveryState.Pending;
        FinishedAt = null;
        ContentDeletedAt = null;
        NextAttemptAt = now;
        GiveUpAt = now + giveUpAfter;
        return null;
    }

    private void Finish(DeliveryState state, DeliveryOutcome outcome, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        State = state;
        (LastStatusCode, LastReason) = (outcome.StatusCode, outcome.Reason);
        FinishedAt = now;
        Content = null;
    }
}

/// <summary>What is to be sent.</summary>
/// <param name="EventId">The event that asks for it.</param>
/// <param name="UserId">The person it concerns, if it has an account.</param>
/// <param name="Template">What is said.</param>
/// <param name="Language">In which language.</param>
/// <param name="MaskedAddress">The address for the log.</param>
/// <param name="AddressFingerprint">The address for suppressions.</param>
/// <param name="Content">Address and values, encrypted.</param>
/// <param name="ExpiresAt">When it is of no use any more.</param>
/// <param name="TraceParent">The trace it belongs to.</param>
public sealed record DeliveryRequest(
    Guid EventId,
    Guid? UserId,
    string Template,
    string Language,
    string MaskedAddress,
    byte[] AddressFingerprint,
    byte[] Content,
    DateTimeOffset? ExpiresAt,
    string? TraceParent);

/// <summary>How an attempt ended.</summary>
/// <param name="StatusCode">The SMTP reply code, if there was one.</param>
/// <param name="Reason">Why, without personal data.</param>
public sealed record DeliveryOutcome(int? StatusCode, string? Reason);

/// <summary>What has become of a delivery.</summary>
public enum DeliveryState
{
    /// <summary>It will be tried.</summary>
    Pending,

    /// <summary>The mail server has taken it.</summary>
    Sent,

    /// <summary>It could not be sent, in time or at all. An admin can have it tried again for a while.</summary>
    Failed,

    /// <summary>The address was refused for good.</summary>
    Bounced,

    /// <summary>It was of no use any more before it could be sent.</summary>
    Expired,

    /// <summary>It was not tried: the address was refused for good before.</summary>
    Suppressed,
}

/// <summary>Why a delivery cannot be tried again.</summary>
public enum RetryRefusal
{
    /// <summary>It did not fail.</summary>
    NotFailed,

    /// <summary>The message is of no use any more.</summary>
    Expired,

    /// <summary>What it would say has been deleted.</summary>
    ContentDeleted,
}
