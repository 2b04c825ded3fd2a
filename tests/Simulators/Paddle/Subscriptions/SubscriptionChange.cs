using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What a PATCH asks for.</summary>
internal sealed record ChangeRequest(
    IReadOnlyList<RequestedItem>? Items,
    string? Mode,
    bool AppliesOnDecline,
    DateTimeOffset? NextBilledAt,
    bool ClearsScheduledChange,
    bool SetsScheduledChange,
    bool HasCustomData,
    JsonObject? CustomData)
{
    private static readonly string[] FailureModes = ["prevent_change", "apply_change"];
    private static readonly string[] Unsupported = ["customer_id", "address_id", "business_id", "currency_code", "discount", "collection_mode", "billing_details"];

    /// <summary>Whether it changes what is billed, or when.</summary>
    public bool ChangesBilling => Items is not null || NextBilledAt is not null;

    public static (ChangeRequest Request, Refusal? Refusal) Read(Fields body)
    {
        var items = RequestedItem.Read(body, required: false, quantityRequired: false, minimum: 0);
        var mode = body.OneOf("proration_billing_mode", ProrationModes.All);
        var onFailure = body.OneOf("on_payment_failure", FailureModes);
        var scheduled = body.Has("scheduled_change");
        var request = new ChangeRequest(
            items, mode, onFailure == "apply_change", body.Time("next_billed_at"), scheduled && body.IsNull("scheduled_change"),
            scheduled && !body.IsNull("scheduled_change"), body.Has("custom_data"), body.CustomData());
        var unsupported = Array.Find(Unsupported, name => body.Has(name) && !body.IsNull(name));
        return (request, body.Refuse() ?? (unsupported is null ? null : Refusal.NotSimulated($"Changing {unsupported}")));
    }
}

/// <summary>How a change is billed.</summary>
internal static class ProrationModes
{
    public const string ProratedImmediately = "prorated_immediately";
    public const string ProratedNext = "prorated_next_billing_period";
    public const string FullImmediately = "full_immediately";
    public const string FullNext = "full_next_billing_period";
    public const string DoNotBill = "do_not_bill";

    public static readonly string[] All = [ProratedImmediately, ProratedNext, FullImmediately, FullNext, DoNotBill];

    public static bool IsImmediate(string? mode) => mode is ProratedImmediately or FullImmediately;

    public static bool IsNext(string? mode) => mode is ProratedNext or FullNext;
}

/// <summary>What a change comes to: computed once, shown by the preview, done by the change.</summary>
/// <param name="Items">The items afterwards.</param>
/// <param name="Cycle">The billing cycle afterwards.</param>
/// <param name="Period">The billing period afterwards.</param>
/// <param name="NextBilledAt">The next bill afterwards.</param>
/// <param name="AnchorDay">The day of the month of the bills afterwards.</param>
/// <param name="NowLines">What is charged and credited now.</param>
/// <param name="NextLines">What is put onto the next bill.</param>
internal sealed record ChangePlan(
    IReadOnlyList<SubscriptionItem> Items,
    TimePeriod Cycle,
    BillingPeriod? Period,
    DateTimeOffset? NextBilledAt,
    int AnchorDay,
    IReadOnlyList<LineInput> NowLines,
    IReadOnlyList<LineInput> NextLines);
