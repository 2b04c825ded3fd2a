namespace BotGeneric.Identity.Domain;

/// <summary>
/// Somebody who is signed in has proved an identity that belongs to another account, and may make one account of the two. It is bound to the session, works
/// once, and as long as the proof is fresh.
/// </summary>
public sealed class MergeIntent
{
    private MergeIntent()
    {
    }

    /// <summary>The intent.</summary>
    public Guid Id { get; private init; }

    /// <summary>The session in which it may be confirmed.</summary>
    public Guid SessionId { get; private init; }

    /// <summary>The account that stays: the one that is signed in.</summary>
    public Guid KeptUserId { get; private init; }

    /// <summary>The account that becomes part of it.</summary>
    public Guid AbsorbedUserId { get; private init; }

    /// <summary>The identity that was proved; it must still be the absorbed account's when the merge happens.</summary>
    public Guid IdentityId { get; private init; }

    /// <summary>Until when it can be confirmed, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>When the absorbed account's second factor was shown, UTC.</summary>
    public DateTimeOffset? SecondFactorAt { get; private init; }

    /// <summary>When it was used or given up, UTC.</summary>
    public DateTimeOffset? ConsumedAt { get; private init; }

    /// <summary>A new intent.</summary>
    /// <param name="session">The session that is signed in.</param>
    /// <param name="identity">The identity that was proved; its owner is the account to be absorbed.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="expiresAt">Until when it can be confirmed, UTC.</param>
    public static MergeIntent Offer(UserSession session, ExternalIdentity identity, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(identity);
        return new MergeIntent
        {
            Id = Guid.CreateVersion7(now),
            SessionId = session.Id,
            KeptUserId = session.UserId,
            AbsorbedUserId = identity.UserId,
            IdentityId = identity.Id,
            ExpiresAt = expiresAt,
        };
    }
}
