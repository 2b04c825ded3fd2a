namespace BotGeneric.Billing.Domain;

/// <summary>
/// A payer at the provider. One person may pay for several accounts, their own and organizations: what a subscription or a transaction is for stands there,
/// and the account here is only the one to assume when nothing better is known.
/// </summary>
public sealed class Customer
{
    private Customer()
    {
    }

    /// <summary>Paddle's id, <c>ctm_…</c>.</summary>
    public string PaddleId { get; private set; } = string.Empty;

    /// <summary>The account to assume; null while none is known.</summary>
    public Guid? AccountId { get; private set; }

    /// <summary>Whether somebody of ours vouches for the account: a signed checkout or an admin.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>The checkout of ours that says for which account, the first one when there are several; null when none does, or an admin has said otherwise.</summary>
    public Guid? CheckoutId { get; private set; }

    /// <summary>Whether an admin has said whose the payer is. A checkout says only who paid that time.</summary>
    public bool IsLinkedByAdmin => IsLinked && CheckoutId is null;

    /// <summary>The address at the provider, for admins to search by. The buyer may change it there: nothing is decided by it. Null once it is erased.</summary>
    public string? Email { get; private set; }

    /// <summary>The name at the provider. Null once it is erased.</summary>
    public string? Name { get; private set; }

    /// <summary>The provider's word: <c>active</c> or <c>archived</c>.</summary>
    public string? Status { get; private set; }

    /// <summary>When it was first heard of, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Whether name and address were erased and are not to be taken over again.</summary>
    public bool IsErased { get; private set; }

    /// <summary>The provider's time of the last event that was applied, UTC, to the microsecond.</summary>
    public DateTimeOffset LastEventAt { get; private set; }

    /// <summary>The provider's time of the last change that is known, UTC, to the microsecond.</summary>
    public DateTimeOffset LastUpdatedAt { get; private set; }

    /// <summary>The last event that was applied.</summary>
    public string LastEventId { get; private set; } = string.Empty;

    /// <summary>The version of the snapshot that is held.</summary>
    public SnapshotVersion SnapshotVersion => new(LastEventAt, LastUpdatedAt, 0, LastEventId);

    /// <summary>Starts to mirror a payer.</summary>
    /// <param name="paddleId">Paddle's id.</param>
    /// <param name="createdAt">Now, UTC.</param>
    /// <returns>The payer.</returns>
    public static Customer Track(string paddleId, DateTimeOffset createdAt) => new()
    {
        PaddleId = paddleId,
        CreatedAt = createdAt,
        LastEventAt = SnapshotVersion.None.OccurredAt,
        LastUpdatedAt = SnapshotVersion.None.UpdatedAt,
    };

    /// <summary>Takes over what the provider says. Safe to repeat and to do in any order.</summary>
    /// <param name="version">Which snapshot it is.</param>
    /// <param name="email">The address.</param>
    /// <param name="name">The name.</param>
    /// <param name="status">The provider's word for the state.</param>
    /// <returns>Whether it was taken over.</returns>
    public bool Apply(SnapshotVersion version, string? email, string? name, string? status)
    {
        if (version <= SnapshotVersion)
        {
            return false;
        }

        (LastEventAt, LastUpdatedAt, LastEventId) = (version.OccurredAt, version.UpdatedAt, version.EventId);
        Status = status;
        if (!IsErased)
        {
            (Email, Name) = (email, name);
        }

        return true;
    }

    /// <summary>Pays for an account when nothing better is known.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="isLinked">Whether somebody of ours vouches for it.</param>
    public void MoveTo(Guid accountId, bool isLinked)
    {
        AccountId = accountId;
        IsLinked = isLinked;
    }

    /// <summary>
    /// Pays for the account that one of our checkouts names, unless an admin has named one. Of several checkouts the first one counts, so that the order in which
    /// they are heard of does not. Safe to repeat.
    /// </summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="accountId">The account that it was for, or the one that this is part of by now.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Claim(Guid checkoutId, Guid accountId)
    {
        if (!MayBeClaimedBy(checkoutId))
        {
            return false;
        }

        (AccountId, IsLinked, CheckoutId) = (accountId, true, checkoutId);
        return true;
    }

    /// <summary>Whether a checkout would say whose the payer is.</summary>
    /// <param name="checkoutId">The checkout.</param>
    public bool MayBeClaimedBy(Guid checkoutId) => !IsLinkedByAdmin && checkoutId.CompareTo(CheckoutId ?? Guid.AllBitsSet) < 0;

    /// <summary>Pays for the account that an admin names, whatever checkouts say.</summary>
    /// <param name="accountId">The account.</param>
    public void LinkByAdmin(Guid accountId) => (AccountId, IsLinked, CheckoutId) = (accountId, true, null);

    /// <summary>Forgets name and address for good.</summary>
    public void Erase() => (Email, Name, IsErased) = (null, null, true);
}

/// <summary>A way to pay that a payer has saved at the provider. No number is ever here.</summary>
public sealed class PaymentMethod
{
    /// <summary>Paddle's id, <c>paymtd_…</c>.</summary>
    public required string PaddleId { get; init; }

    /// <summary>The payer, <c>ctm_…</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The provider's word, such as <c>card</c> or <c>paypal</c>.</summary>
    public required string Type { get; set; }

    /// <summary>Since when it is deleted, UTC; null while it can be used.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>The provider's time of the last event that was applied, UTC.</summary>
    public required DateTimeOffset LastEventAt { get; set; }
}
