namespace BotGeneric.Billing.Paddle;

/// <summary>The status of a subscription. Paddle may add some: whoever switches over them needs a case for the rest.</summary>
public static class PaddleSubscriptionStatuses
{
    /// <summary>In a trial.</summary>
    public const string Trialing = "trialing";

    /// <summary>Paid, or between two charges.</summary>
    public const string Active = "active";

    /// <summary>A renewal is not paid.</summary>
    public const string PastDue = "past_due";

    /// <summary>Halted, can be resumed.</summary>
    public const string Paused = "paused";

    /// <summary>Over for good.</summary>
    public const string Canceled = "canceled";
}

/// <summary>The status of a transaction.</summary>
public static class PaddleTransactionStatuses
{
    /// <summary>Something is missing, such as the buyer.</summary>
    public const string Draft = "draft";

    /// <summary>Can be paid.</summary>
    public const string Ready = "ready";

    /// <summary>A demand for payment, no longer to be changed.</summary>
    public const string Billed = "billed";

    /// <summary>Paid; number and fees follow.</summary>
    public const string Paid = "paid";

    /// <summary>Paid and processed.</summary>
    public const string Completed = "completed";

    /// <summary>Given up.</summary>
    public const string Canceled = "canceled";

    /// <summary>Not paid in time.</summary>
    public const string PastDue = "past_due";
}

/// <summary>What made a transaction.</summary>
public static class PaddleOrigins
{
    /// <summary>Our server.</summary>
    public const string Api = "api";

    /// <summary>A checkout that the browser opened.</summary>
    public const string Web = "web";

    /// <summary>A renewal.</summary>
    public const string SubscriptionRecurring = "subscription_recurring";

    /// <summary>A change of a subscription.</summary>
    public const string SubscriptionUpdate = "subscription_update";

    /// <summary>A single charge on a subscription.</summary>
    public const string SubscriptionCharge = "subscription_charge";

    /// <summary>A new payment method; it may be about nothing, and is no revenue.</summary>
    public const string SubscriptionPaymentMethodChange = "subscription_payment_method_change";
}

/// <summary>What an adjustment does.</summary>
public static class PaddleAdjustmentActions
{
    /// <summary>Lowers what is to be paid, or fills the buyer's balance.</summary>
    public const string Credit = "credit";

    /// <summary>Takes a credit back.</summary>
    public const string CreditReverse = "credit_reverse";

    /// <summary>Gives money back.</summary>
    public const string Refund = "refund";

    /// <summary>The buyer's bank took the money back: what was paid for is revoked.</summary>
    public const string Chargeback = "chargeback";

    /// <summary>We won: what was revoked may be given again.</summary>
    public const string ChargebackReverse = "chargeback_reverse";

    /// <summary>A chargeback is announced; nothing is revoked yet.</summary>
    public const string ChargebackWarning = "chargeback_warning";

    /// <summary>The announcement was taken back.</summary>
    public const string ChargebackWarningReverse = "chargeback_warning_reverse";
}

/// <summary>The status of an adjustment.</summary>
public static class PaddleAdjustmentStatuses
{
    /// <summary>Paddle looks at it.</summary>
    public const string PendingApproval = "pending_approval";

    /// <summary>Done.</summary>
    public const string Approved = "approved";

    /// <summary>Refused by Paddle.</summary>
    public const string Rejected = "rejected";

    /// <summary>Undone.</summary>
    public const string Reversed = "reversed";
}

/// <summary>What a scheduled change does.</summary>
public static class PaddleScheduledActions
{
    /// <summary>Ends the subscription.</summary>
    public const string Cancel = "cancel";

    /// <summary>Halts it.</summary>
    public const string Pause = "pause";

    /// <summary>Takes it up again.</summary>
    public const string Resume = "resume";
}

/// <summary>How a change within a period is charged. Paddle has no default.</summary>
public static class PaddleProrationModes
{
    /// <summary>The unused part is credited and the rest charged now.</summary>
    public const string ProratedImmediately = "prorated_immediately";

    /// <summary>The same, with the next renewal. Not for another billing cycle.</summary>
    public const string ProratedNextBillingPeriod = "prorated_next_billing_period";

    /// <summary>The full price now.</summary>
    public const string FullImmediately = "full_immediately";

    /// <summary>The full price with the next renewal. Not for another billing cycle.</summary>
    public const string FullNextBillingPeriod = "full_next_billing_period";

    /// <summary>Nothing for the rest of this period.</summary>
    public const string DoNotBill = "do_not_bill";
}

/// <summary>When a pause or cancellation takes effect.</summary>
public static class PaddleEffectiveFrom
{
    /// <summary>Now. A cancellation cannot be undone then.</summary>
    public const string Immediately = "immediately";

    /// <summary>At the end of what is paid for.</summary>
    public const string NextBillingPeriod = "next_billing_period";
}
