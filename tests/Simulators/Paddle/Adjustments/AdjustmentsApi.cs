using System.Globalization;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Adjustments;

/// <summary><c>/adjustments</c>: refunds can be asked for; everything else Paddle makes by itself.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="flow">Makes them.</param>
internal sealed class AdjustmentsApi(PaddleWorld world, AdjustmentFlow flow)
{
    private const int PageSize = 10;
    private const int MaximumPageSize = 50;
    private static readonly string[] Actions = ["refund", "credit"];
    private static readonly string[] Types = ["full", "partial"];
    private static readonly string[] ItemTypes = ["full", "partial", "tax"];

    public void Map(PaddleRoutes routes)
    {
        routes.Get("/adjustments", List);
        routes.Post("/adjustments", Create);
    }

    private Answer List(PaddleCall call)
    {
        var query = call.Query;
        var (ids, transactions, subscriptions) = (query.Values("id"), query.Values("transaction_id"), query.Values("subscription_id"));
        var (customers, statuses, actions) = (query.Values("customer_id"), query.Values("status"), query.Values("action"));
        var (created, updated) = (query.Times("created_at"), query.Times("updated_at"));
        return query.Page(
            world.Adjustments.All.Where(row => query.Passes(ids, row.Id) && query.Passes(transactions, row.TransactionId) && query.Passes(subscriptions, row.SubscriptionId)
                && query.Passes(customers, row.CustomerId) && query.Passes(statuses, row.Status) && query.Passes(actions, row.Action)
                && created(row.CreatedAt) && updated(row.UpdatedAt)),
            PaddleJson.Of,
            PageSize,
            MaximumPageSize);
    }

    private Answer Create(PaddleCall call)
    {
        var body = call.Body;
        var (action, type) = (body.OneOf("action", Actions, required: true), body.OneOf("type", Types) ?? "partial");
        var (transactionId, reason) = (body.Text("transaction_id", required: true), body.Text("reason", 1024, required: true));
        var items = body.Objects("items", 1, 100, required: type == "partial");
        if (type == "full" && items is not null)
        {
            body.Error("items", "must not be sent when type is full");
        }

        var amounts = ReadItems(items ?? []);
        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (!world.Transactions.TryFind(transactionId, out var transaction))
        {
            return Refusal.NotFound(transactionId!);
        }

        Dictionary<string, long> resolved = [];
        if ((RefuseTransaction(action!, transaction) ?? Resolve(transaction, type, amounts, out resolved)) is { } refused)
        {
            return refused;
        }

        return Answer.Created(flow.Create(transaction, action!, type, reason!, type == "full" ? null : resolved));
    }

    private static List<RequestedAmount> ReadItems(IReadOnlyList<Fields> items)
    {
        var amounts = new List<RequestedAmount>(items.Count);
        foreach (var item in items)
        {
            var (id, type, text) = (item.Text("item_id", required: true), item.OneOf("type", ItemTypes, required: true), item.Text("amount"));
            long amount = 0;
            if (type == "tax")
            {
                item.Error("type", "tax is something that Paddle does and this simulator does not");
            }
            else if (type == "partial" && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out amount))
            {
                item.Error("amount", "must be a whole number in the smallest unit of the currency");
            }

            item.Close();
            if (id is not null && type is not null)
            {
                amounts.Add(new RequestedAmount(id, type == "full" ? null : amount));
            }
        }

        return amounts;
    }

    private Refusal? RefuseTransaction(string action, Transaction transaction)
    {
        if (action == "credit")
        {
            return Refusal.BadRequest("adjustment_invalid_credit_action", "only a billed or past due, manually collected transaction can be credited");
        }

        if (transaction.CustomerId is null)
        {
            return Refusal.BadRequest("adjustment_transaction_missing_customer_id", "the transaction has no customer");
        }

        if (transaction.Status != Statuses.Completed)
        {
            return Refusal.BadRequest("adjustment_transaction_invalid_status_for_refund", $"a transaction that is {transaction.Status} cannot be refunded, only a completed one");
        }

        return flow.HasPendingRefund(adjustment => adjustment.TransactionId == transaction.Id)
            ? Refusal.BadRequest("adjustment_pending_refund_request", "there is a pending refund for the transaction")
            : null;
    }

    private Refusal? Resolve(Transaction transaction, string type, List<RequestedAmount> asked, out Dictionary<string, long> amounts)
    {
        amounts = new Dictionary<string, long>(StringComparer.Ordinal);
        if (type == "full")
        {
            return transaction.Details.LineItems.Sum(Remaining) == 0
                ? Refusal.BadRequest("adjustment_transaction_item_has_already_been_fully_adjusted", "nothing is left to refund") : null;
        }

        foreach (var item in asked)
        {
            if (transaction.Details.LineItems.FirstOrDefault(line => line.Id == item.ItemId) is not { } line || amounts.ContainsKey(item.ItemId))
            {
                return Refusal.BadRequest("adjustment_transaction_item_invalid", $"{item.ItemId} is not an item of the transaction, or is there twice");
            }

            var remaining = Remaining(line);
            if (remaining == 0)
            {
                return Refusal.BadRequest("adjustment_transaction_item_has_already_been_fully_adjusted", $"nothing is left to refund for {item.ItemId}");
            }

            var amount = item.Amount ?? remaining;
            if (amount == 0)
            {
                return Refusal.BadRequest("adjustment_amount_cannot_be_zero", "the amount must not be zero");
            }

            if (amount > remaining)
            {
                return Refusal.BadRequest("adjustment_amount_above_remaining_allowed", FormattableString.Invariant($"at most {remaining} is left to refund for {item.ItemId}"));
            }

            amounts[item.ItemId] = amount;
        }

        return null;

        long Remaining(LineItem line) => Pricing.Parse(line.Totals.Total) - flow.Returned(transaction.Id, line.Id);
    }

    private sealed record RequestedAmount(string ItemId, long? Amount);
}
