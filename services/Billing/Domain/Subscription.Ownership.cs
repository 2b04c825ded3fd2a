namespace BotGeneric.Billing.Domain;

/// <content>Whose it is, and what follows from everything that is known.</content>
public sealed partial class Subscription
{
    /// <summary>
    /// Works out what follows from everything that is known about the subscription, whatever of it came last. Safe to repeat.
    /// </summary>
    /// <param name="circumstances">What else is known.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Derive(SubscriptionCircumstances circumstances, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(circumstances);
        var before = (PastDueSince, GraceEndsAt, IsChargedBack, PaidPeriodStart, PaidPeriodEnd, GrantsAccess);
        IsChargedBack = circumstances.IsChargedBack;
        (PaidPeriodStart, PaidPeriodEnd) = (circumstances.PaidPeriodStart, circumstances.PaidPeriodEnd);

        // A state this version does not know leaves access as it was: as the last known state has it.
        var status = State.Status == SubscriptionStatus.Unknown ? circumstances.LastKnownStatus : State.Status;
        PastDueSince = status == SubscriptionStatus.PastDue ? circumstances.PastDueSince ?? LastEventAt : null;
        GraceEndsAt = PastDueSince + circumstances.Grace;
        GrantsAccess = !IsChargedBack && status switch
        {
            SubscriptionStatus.Trialing or SubscriptionStatus.Active => !HasEnded(now),
            SubscriptionStatus.PastDue => now < GraceEndsAt,
            // Nobody remembers a known state: what it had, it keeps.
            SubscriptionStatus.Unknown => GrantsAccess,
            _ => false,
        };
        if (before == (PastDueSince, GraceEndsAt, IsChargedBack, PaidPeriodStart, PaidPeriodEnd, GrantsAccess))
        {
            return false;
        }

        Revision++;
        return true;
    }

    /// <summary>Whether it was given until a moment that has come.</summary>
    /// <param name="now">Now, UTC.</param>
    /// <returns>Never true for what is paid: the provider says when that ends.</returns>
    public bool HasEnded(DateTimeOffset now) => Source == SubscriptionSource.Comped && State.PeriodEnd <= now;

    /// <summary>
    /// Notes that one of our checkouts says whose it is. Of several the first one counts, so that the order in which they are heard of does not. Safe to repeat.
    /// </summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="accountId">The account that it was for.</param>
    public void Claim(Guid checkoutId, Guid accountId)
    {
        if (CheckoutId is null || checkoutId.CompareTo(CheckoutId.Value) < 0)
        {
            (CheckoutId, ClaimedAccountId) = (checkoutId, accountId);
        }
    }

    /// <summary>Notes who pays: the provider lets a subscription pass to another payer.</summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    public void PaidBy(string customerId) => CustomerId = customerId;

    /// <summary>
    /// Is for another account: the one before became part of it, or somebody of ours has said whose it is. Which subscription of that account is its primary
    /// one has to be worked out again. Safe to repeat.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="isLinked">Whether somebody of ours vouches for it.</param>
    /// <returns>Whether anything changed.</returns>
    public bool MoveTo(Guid accountId, bool isLinked)
    {
        if (AccountId == accountId && IsLinked == isLinked)
        {
            return false;
        }

        IsPrimary &= AccountId == accountId;
        AccountId = accountId;
        IsLinked = isLinked;
        Revision++;
        return true;
    }

    /// <summary>Becomes the account's subscription to its product, or no longer is it.</summary>
    /// <param name="isPrimary">Whether it is.</param>
    public void MakePrimary(bool isPrimary) => IsPrimary = isPrimary;
}
