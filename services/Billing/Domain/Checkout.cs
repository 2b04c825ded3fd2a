namespace BotGeneric.Billing.Domain;

/// <summary>The states of a checkout.</summary>
public enum CheckoutStatus
{
    /// <summary>It is not known yet whether the provider has a transaction for it.</summary>
    Creating,

    /// <summary>The buyer can pay.</summary>
    Open,

    /// <summary>It was paid.</summary>
    Completed,

    /// <summary>It will not be paid: given up, replaced, or too old.</summary>
    Abandoned,
}

/// <summary>Somebody's wish to subscribe, from the moment before the provider hears of it. An account has at most one at a time for a product.</summary>
public sealed class Checkout
{
    private Checkout()
    {
    }

    /// <summary>UUIDv7; it is part of the signed reference that the provider hands back with everything that follows.</summary>
    public Guid Id { get; private set; }

    /// <summary>For whom.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>What is to be subscribed to.</summary>
    public string PlanCode { get; private set; } = string.Empty;

    /// <summary>The product of the plan.</summary>
    public string Product { get; private set; } = string.Empty;

    /// <summary>At which of our prices.</summary>
    public Guid PriceId { get; private set; }

    /// <summary>Days that are free at the beginning; null without a trial. It is what was asked of the provider, whatever the plan says later.</summary>
    public int? TrialDays { get; private set; }

    /// <summary>The provider's transaction, <c>txn_…</c>; null until it is known.</summary>
    public string? TransactionId { get; private set; }

    /// <summary>Where the buyer pays; null until it is known.</summary>
    public string? Url { get; private set; }

    /// <summary>How it stands.</summary>
    public CheckoutStatus Status { get; private set; }

    /// <summary>Who began it: the person, also where the account is an organization.</summary>
    public string CreatedBy { get; private set; } = string.Empty;

    /// <summary>When it was begun, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Begins a checkout.</summary>
    /// <param name="id">A new UUIDv7.</param>
    /// <param name="accountId">For whom.</param>
    /// <param name="plan">What.</param>
    /// <param name="price">At which price.</param>
    /// <param name="trialDays">Days that are free at the beginning; null without a trial.</param>
    /// <param name="createdBy">By whom.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>The checkout, of which the provider does not know yet.</returns>
    public static Checkout Begin(Guid id, Guid accountId, Plan plan, Price price, int? trialDays, string createdBy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(price);
        return new Checkout
        {
            Id = id,
            AccountId = accountId,
            PlanCode = plan.Code,
            Product = plan.Terms.Product,
            PriceId = price.Id,
            TrialDays = trialDays,
            CreatedBy = createdBy,
            CreatedAt = now,
        };
    }

    /// <summary>The provider has a transaction for it.</summary>
    /// <param name="transactionId"><c>txn_…</c></param>
    /// <param name="url">Where the buyer pays.</param>
    public void Open(string transactionId, string? url)
    {
        if (Status is CheckoutStatus.Creating or CheckoutStatus.Open)
        {
            (TransactionId, Url, Status) = (transactionId, url ?? Url, CheckoutStatus.Open);
        }
    }

    /// <summary>It was paid. Safe to repeat.</summary>
    public void Complete() => Status = CheckoutStatus.Completed;

    /// <summary>It will not be paid. What was paid stays paid.</summary>
    public void Abandon()
    {
        if (Status != CheckoutStatus.Completed)
        {
            Status = CheckoutStatus.Abandoned;
        }
    }

    /// <summary>Is for another account, of which the one before became part.</summary>
    /// <param name="accountId">The account.</param>
    public void MoveTo(Guid accountId) => AccountId = accountId;
}
