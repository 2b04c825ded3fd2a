using System.Globalization;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>Which products. Paddle lists active ones unless told otherwise.</summary>
/// <param name="Statuses"><c>active</c>, <c>archived</c>; null: active.</param>
/// <param name="IncludePrices">Whether each comes with its prices.</param>
public sealed record PaddleProductFilter(IReadOnlyList<string>? Statuses = null, bool IncludePrices = false)
{
    internal PaddleQuery ToQuery() => new PaddleQuery().AddList("status", Statuses).Add("include", IncludePrices ? "prices" : null);
}

/// <summary>Which prices. Paddle lists active ones unless told otherwise.</summary>
/// <param name="ProductIds"><c>pro_…</c>; null: of all.</param>
/// <param name="Statuses"><c>active</c>, <c>archived</c>; null: active.</param>
public sealed record PaddlePriceFilter(IReadOnlyList<string>? ProductIds = null, IReadOnlyList<string>? Statuses = null)
{
    internal PaddleQuery ToQuery() => new PaddleQuery().AddList("product_id", ProductIds).AddList("status", Statuses);
}

/// <summary>Which transactions.</summary>
/// <param name="CustomerIds"><c>ctm_…</c>.</param>
/// <param name="SubscriptionIds"><c>sub_…</c>.</param>
/// <param name="Statuses">Of <see cref="PaddleTransactionStatuses"/>.</param>
/// <param name="Origins">Of <see cref="PaddleOrigins"/>.</param>
/// <param name="CreatedAfter">Created later than this.</param>
/// <param name="UpdatedAfter">Changed later than this.</param>
public sealed record PaddleTransactionFilter(
    IReadOnlyList<string>? CustomerIds = null,
    IReadOnlyList<string>? SubscriptionIds = null,
    IReadOnlyList<string>? Statuses = null,
    IReadOnlyList<string>? Origins = null,
    DateTimeOffset? CreatedAfter = null,
    DateTimeOffset? UpdatedAfter = null)
{
    internal PaddleQuery ToQuery() => new PaddleQuery()
        .AddList("customer_id", CustomerIds)
        .AddList("subscription_id", SubscriptionIds)
        .AddList("status", Statuses)
        .AddList("origin", Origins)
        .AddAfter("created_at", CreatedAfter)
        .AddAfter("updated_at", UpdatedAfter);
}

/// <summary>Which subscriptions.</summary>
/// <param name="CustomerIds"><c>ctm_…</c>.</param>
/// <param name="Statuses">Of <see cref="PaddleSubscriptionStatuses"/>.</param>
/// <param name="PriceIds"><c>pri_…</c>.</param>
/// <param name="UpdatedAfter">Changed later than this.</param>
public sealed record PaddleSubscriptionFilter(
    IReadOnlyList<string>? CustomerIds = null,
    IReadOnlyList<string>? Statuses = null,
    IReadOnlyList<string>? PriceIds = null,
    DateTimeOffset? UpdatedAfter = null)
{
    internal PaddleQuery ToQuery() => new PaddleQuery()
        .AddList("customer_id", CustomerIds)
        .AddList("status", Statuses)
        .AddList("price_id", PriceIds)
        .AddAfter("updated_at", UpdatedAfter);
}

/// <summary>Which adjustments. Paddle cannot filter them by time.</summary>
/// <param name="TransactionIds"><c>txn_…</c>.</param>
/// <param name="SubscriptionIds"><c>sub_…</c>.</param>
/// <param name="CustomerIds"><c>ctm_…</c>.</param>
/// <param name="Action">One of <see cref="PaddleAdjustmentActions"/>.</param>
/// <param name="Statuses">Of <see cref="PaddleAdjustmentStatuses"/>.</param>
public sealed record PaddleAdjustmentFilter(
    IReadOnlyList<string>? TransactionIds = null,
    IReadOnlyList<string>? SubscriptionIds = null,
    IReadOnlyList<string>? CustomerIds = null,
    string? Action = null,
    IReadOnlyList<string>? Statuses = null)
{
    internal PaddleQuery ToQuery() => new PaddleQuery()
        .AddList("transaction_id", TransactionIds)
        .AddList("subscription_id", SubscriptionIds)
        .AddList("customer_id", CustomerIds)
        .Add("action", Action)
        .AddList("status", Statuses);
}

/// <summary>Which events of the last 90 days, oldest first.</summary>
/// <param name="Types">Such as <c>subscription.updated</c>; null: all.</param>
/// <param name="AfterEventId">Later than this event, <c>evt_…</c>; null: from the beginning.</param>
public sealed record PaddleEventFilter(IReadOnlyList<string>? Types = null, string? AfterEventId = null)
{
    internal PaddleQuery ToQuery() => new PaddleQuery().AddList("event_type", Types).Add("after", AfterEventId).Add("order_by", "id[ASC]");
}

/// <summary>The query of a list.</summary>
internal sealed class PaddleQuery
{
    private readonly List<(string Name, string Value)> _parts = [];

    internal PaddleQuery Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _parts.Add((name, value));
        }

        return this;
    }

    internal PaddleQuery AddList(string name, IReadOnlyList<string>? values) => Add(name, values is null ? null : string.Join(',', values));

    internal PaddleQuery AddAfter(string name, DateTimeOffset? time) =>
        Add($"{name}[GT]", time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>The same list, from behind an entity.</summary>
    internal PaddleQuery From(string after)
    {
        var next = new PaddleQuery();
        next._parts.AddRange(_parts.Where(part => part.Name != "after"));
        return next.Add("after", after);
    }

    /// <inheritdoc />
    public override string ToString() => _parts.Count == 0
        ? string.Empty
        : "?" + string.Join('&', _parts.Select(part => $"{Uri.EscapeDataString(part.Name)}={Uri.EscapeDataString(part.Value)}"));
}
