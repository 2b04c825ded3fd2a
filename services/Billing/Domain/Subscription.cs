using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Domain;

/// <summary>What an account has subscribed to: as the payment provider last described it, or as an admin gave it.</summary>
public sealed partial class Subscription
{
    private Subscription()
    {
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Where it comes from.</summary>
    public SubscriptionSource Source { get; private set; }

    /// <summary>Paddle's id, <c>sub_…</c>; null for one that is not paid there.</summary>
    public string? PaddleId { get; private set; }

    /// <summary>Paddle's payer, <c>ctm_…</c>; null for one that is not paid there.</summary>
    public string? CustomerId { get; private set; }

    /// <summary>The account that it is for. It changes when the account becomes part of another one, or an admin links it.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>Whether somebody of ours vouches for <see cref="AccountId"/>: a signed checkout or an admin. Otherwise the account was made up for the payer.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>The checkout of ours that says whose it is, the first one when there are several; null when none does.</summary>
    public Guid? CheckoutId { get; private set; }

    /// <summary>The account that this checkout was for when it was begun. It may have become part of another one since.</summary>
    public Guid? ClaimedAccountId { get; private set; }

    /// <summary>The product that its plan belongs to.</summary>
    public string Product { get; private set; } = Plan.DefaultProduct;

    /// <summary>
    /// Whether this is the account's subscription to the product. The provider cannot be kept from selling a second one; that is kept, entitles as well, and
    /// waits for an admin to refund it. The database allows one live primary for an account and product.
    /// </summary>
    public bool IsPrimary { get; private set; }

    /// <summary>What is known of its state.</summary>
    public SubscriptionState State { get; private set; } = SubscriptionState.Unknown;

    /// <summary>Whether a chargeback has taken the money back, which takes the access with it.</summary>
    public bool IsChargedBack { get; private set; }

    /// <summary>Since when a payment is missing, by the provider's clock, UTC; null while none is.</summary>
    public DateTimeOffset? PastDueSince { get; private set; }

    /// <summary>Until when it entitles although a payment is missing, UTC.</summary>
    public DateTimeOffset? GraceEndsAt { get; private set; }

    /// <summary>Whether the account may use the plan now. A state this version does not know leaves it as it was.</summary>
    public bool GrantsAccess { get; private set; }

    /// <summary>The plan, or null when the price belongs to none that is known.</summary>
    public string? PlanCode { get; private set; }

    /// <summary>The version of the plan that the subscriber holds; 0 without a plan.</summary>
    public int PlanVersion { get; private set; }

    /// <summary>What the subscriber is entitled to: the plan's entitlements at <see cref="PlanVersion"/>.</summary>
    public IReadOnlyList<Entitlement> Entitlements { get; private set; } = [];

    /// <summary>
    /// The start of the last period that was paid for, UTC. Quotas by billing period count from here: the provider moves the period on before it is paid.
    /// Null where nothing was paid yet.
    /// </summary>
    public DateTimeOffset? PaidPeriodStart { get; private set; }

    /// <summary>The end of the last period that was paid for, UTC, exclusive.</summary>
    public DateTimeOffset? PaidPeriodEnd { get; private set; }

    /// <summary>The provider's prices that are subscribed to, in the provider's order: the plan first, add-ons after it.</summary>
    public IReadOnlyList<string> PriceIds { get; private set; } = [];

    /// <summary>Grows with each change.</summary>
    public long Revision { get; private set; }

    /// <summary>The provider's time of the last event that was applied, UTC, to the microsecond.</summary>
    public DateTimeOffset LastEventAt { get; private set; }

    /// <summary>The provider's time of the last change that is known, UTC, to the microsecond.</summary>
    public DateTimeOffset LastUpdatedAt { get; private set; }

    /// <summary>The last event that was applied.</summary>
    public string LastEventId { get; private set; } = string.Empty;

    /// <summary>The version of the snapshot that is held.</summary>
    public SnapshotVersion SnapshotVersion => new(LastEventAt, LastUpdatedAt, (int)State.Status, LastEventId);

    /// <summary>Whether it is not over.</summary>
    public bool IsLive => State.Status != SubscriptionStatus.Canceled;

    /// <summary>Starts to mirror a subscription. Nothing is known of it until a snapshot is applied.</summary>
    /// <param name="id">A new UUIDv7.</param>
    /// <param name="paddleId">Paddle's id.</param>
    /// <param name="customerId">Paddle's payer.</param>
    /// <param name="accountId">The account that it pays for.</param>
    /// <param name="isLinked">Whether somebody of ours vouches for the account.</param>
    /// <returns>The subscription.</returns>
    public static Subscription Track(Guid id, string paddleId, string customerId, Guid accountId, bool isLinked) => new()
    {
        Id = id,
        PaddleId = paddleId,
        CustomerId = customerId,
        AccountId = accountId,
        IsLinked = isLinked,
        LastEventAt = SnapshotVersion.None.OccurredAt,
        LastUpdatedAt = SnapshotVersion.None.UpdatedAt,
    };

    /// <summary>Gives an account a plan for which nothing is paid.</summary>
    /// <param name="id">A new UUIDv7.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="endsAt">When it ends, UTC; null: when an admin ends it.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>The subscription.</returns>
    public static Subscription Comp(Guid id, Guid accountId, Plan plan, DateTimeOffset? endsAt, DateTimeOffset now)
    {
        var subscription = new Subscription
        {
            Id = id,
            Source = SubscriptionSource.Comped,
            AccountId = accountId,
            IsLinked = true,
            Revision = 1,
            LastEventAt = now,
            LastUpdatedAt = now,
            State = SubscriptionState.Unknown with
            {
                Status = SubscriptionStatus.Active,
                RawStatus = SubscriptionStatuses.Active,
                StartedAt = now,
                PeriodStart = now,
                PeriodEnd = endsAt,
            },
            GrantsAccess = true,
        };
        subscription.Hold(plan);
        return subscription;
    }

    /// <summary>
    /// Takes over what the provider says. Safe to repeat and to do in any order: a snapshot that is not later than the one held changes nothing.
    /// </summary>
    /// <param name="version">Which snapshot it is.</param>
    /// <param name="state">The provider's description.</param>
    /// <param name="plan">The plan that its price sells, if any.</param>
    /// <returns>Whether it was taken over.</returns>
    public bool Apply(SnapshotVersion version, SubscriptionState state, Plan? plan)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (version <= SnapshotVersion)
        {
            return false;
        }

        (LastEventAt, LastUpdatedAt, LastEventId) = (version.OccurredAt, version.UpdatedAt, version.EventId);
        Revision++;
        State = state;
        IsPrimary &= IsLive;
        PriceIds = [.. state.Items.Select(item => item.PriceId)];

        // Subscribers keep the version they bought; another plan, or the first known one, comes at its present version.
        if (PlanCode != plan?.Code)
        {
            Hold(plan);
        }

        return true;
    }

    /// <summary>Takes up the plan that a price of this subscription has come to sell. Safe to repeat: a subscription that has a plan keeps it.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Adopt(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (PlanCode is not null)
        {
            return false;
        }

        Hold(plan);
        Revision++;
        return true;
    }

    /// <summary>Moves the subscriber to a later version of their plan. Safe to repeat.</summary>
    /// <param name="plan">The plan that is subscribed to, which may have another version by now: nobody goes back to one before theirs.</param>
    /// <returns>Whether anything changed.</returns>
    public bool MoveToVersion(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (PlanCode != plan.Code || PlanVersion >= plan.Version)
        {
            return false;
        }

        Hold(plan);
        Revision++;
        return true;
    }

    /// <summary>Ends a subscription that was given. Safe to repeat.</summary>
    /// <param name="now">Now, UTC.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="InvalidOperationException">It is paid at the provider, where it has to be ended.</exception>
    public bool End(DateTimeOffset now)
    {
        if (Source != SubscriptionSource.Comped)
        {
            throw new InvalidOperationException("What is paid at the provider ends there.");
        }

        if (!IsLive)
        {
            return false;
        }

        State = State with { Status = SubscriptionStatus.Canceled, RawStatus = SubscriptionStatuses.Canceled, CanceledAt = now };
        (LastEventAt, LastUpdatedAt) = (now, now);
        GrantsAccess = false;
        IsPrimary = false;
        Revision++;
        return true;
    }

    private void Hold(Plan? plan)
    {
        PlanCode = plan?.Code;
        PlanVersion = plan?.Version ?? 0;
        Entitlements = plan?.Terms.Entitlements ?? [];
        // What belongs to no plan belongs to the product that everything belongs to, whatever it was before.
        var product = plan?.Terms.Product ?? Plan.DefaultProduct;
        IsPrimary &= product == Product;
        Product = product;
    }
}
