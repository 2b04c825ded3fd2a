using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Domain;

/// <summary>Another maximum for one account, person or key than a limit says for everybody.</summary>
public sealed class LimitOverride
{
    /// <summary>The override.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person in it, for limits that count persons; null: every person's.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The key, for limits that count keys; null: every key's.</summary>
    public string? KeyId { get; init; }

    /// <summary>The limit's stable name: <c>plan:llm.requests:day</c>, or a policy's code, a slash and the limit's code.</summary>
    public required string LimitCode { get; init; }

    /// <summary>Units or money allowed instead; null: the limit does not hold.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>Not before this time, UTC.</summary>
    public required DateTimeOffset EffectiveFrom { get; init; }

    /// <summary>Not from this time on, UTC; null: until it is revoked.</summary>
    public DateTimeOffset? EffectiveTo { get; init; }

    /// <summary>Why, in the admin's words.</summary>
    public required string Reason { get; init; }

    /// <summary>By whom: the subject of the admin's token.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When, UTC. Of two that hold at the same time, the later one counts.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was taken back, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Takes it back. Safe to repeat.</summary>
    /// <param name="now">The present moment.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Revoke(DateTimeOffset now)
    {
        if (RevokedAt is not null)
        {
            return false;
        }

        RevokedAt = now;
        return true;
    }
}

/// <summary>A one-off credit of an account.</summary>
public sealed class CreditGrant
{
    /// <summary>The grant.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The meter's code or the ISO 4217 code of the currency.</summary>
    public required string Unit { get; init; }

    /// <summary>Units or money.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Those of a lower number are used first.</summary>
    public required int Priority { get; init; }

    /// <summary>Not before this time, UTC.</summary>
    public required DateTimeOffset EffectiveFrom { get; init; }

    /// <summary>Not from this time on, UTC; null: for good.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why, in the admin's words.</summary>
    public required string Reason { get; init; }

    /// <summary>What it stands for, such as a ticket's number: an account has at most one grant of a source. Null without one.</summary>
    public string? Source { get; init; }

    /// <summary>By whom: the subject of the admin's token.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was taken back, UTC. What was used of it stays used.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>What was used of it, in units or money. Written by the counting of usage.</summary>
    public decimal Burned { get; private set; }

    /// <summary>Takes back what is left. Safe to repeat.</summary>
    /// <param name="now">The present moment.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Revoke(DateTimeOffset now)
    {
        if (RevokedAt is not null)
        {
            return false;
        }

        RevokedAt = now;
        return true;
    }
}

/// <summary>A standing other than everybody's, of an account or a person.</summary>
public sealed class AccountState
{
    /// <summary><see cref="SetBy"/> of what nobody has set by hand.</summary>
    public const string System = "system";

    /// <summary>The account: an organization or a person.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The standing. An account may have several; the worst counts.</summary>
    public required AccountStanding Standing { get; init; }

    /// <summary>Why, in the words of whoever set it.</summary>
    public required string Reason { get; set; }

    /// <summary>Until when, UTC; null: until it is lifted.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <summary>By whom: the subject of the admin's token, or <c>system</c>.</summary>
    public required string SetBy { get; set; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset SetAt { get; set; }
}

/// <summary>An account that is known to be an organization.</summary>
public sealed class KnownOrganization
{
    /// <summary>The organization.</summary>
    public required Guid AccountId { get; init; }
}
