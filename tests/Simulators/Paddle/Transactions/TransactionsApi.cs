using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary><c>/transactions</c>.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="flow">Their steps.</param>
/// <param name="reader">Reads items.</param>
/// <param name="links">Where they are paid.</param>
internal sealed class TransactionsApi(PaddleWorld world, TransactionFlow flow, LineReader reader, CheckoutLinks links)
{
    private const int PageSize = 30;
    private static readonly string[] CollectionModes = ["automatic", "manual"];
    private static readonly string[] NewStatuses = [Statuses.Billed, Statuses.Canceled];

    public void Map(PaddleRoutes routes)
    {
        routes.Get("/transactions", List);
        routes.Post("/transactions", Create);
        routes.Get("/transactions/{id}", call => world.Transactions.TryFind(call.Id, out var transaction) ? Answer.Ok(Shape(transaction, call.Query)) : Refusal.NotFound(call.Id));
        routes.Patch("/transactions/{id}", Change);
        routes.Get("/transactions/{id}/invoice", Invoice);
    }

    private Answer List(PaddleCall call)
    {
        var query = call.Query;
        var (ids, customers, subscriptions) = (query.Values("id"), query.Values("customer_id"), query.Values("subscription_id"));
        var (statuses, origins, modes, invoices) = (query.Values("status"), query.Values("origin"), query.Values("collection_mode"), query.Values("invoice_number"));
        var (created, updated, billed) = (query.Times("created_at"), query.Times("updated_at"), query.Times("billed_at"));
        query.Values("include");
        return query.Page(
            world.Transactions.All.Where(row => query.Passes(ids, row.Id) && query.Passes(customers, row.CustomerId) && query.Passes(subscriptions, row.SubscriptionId)
                && query.Passes(statuses, row.Status) && query.Passes(origins, row.Origin) && query.Passes(modes, row.CollectionMode)
                && query.Passes(invoices, row.InvoiceNumber) && created(row.CreatedAt) && updated(row.UpdatedAt) && billed(row.BilledAt)),
            row => Shape(row, query),
            PageSize,
            PageSize);
    }

    private Answer Create(PaddleCall call)
    {
        var body = call.Body;
        var items = RequestedItem.Read(body, required: true, quantityRequired: true);
        var parties = Parties.Read(body);
        var (currency, custom, page) = (ReadCurrency(body), body.CustomData(), ReadCheckout(body));
        var mode = body.OneOf("collection_mode", CollectionModes);
        var status = body.OneOf("status", NewStatuses);
        if (RefuseUnsupported(body) is { } unsupported)
        {
            return unsupported;
        }

        IReadOnlyList<LineInput> lines = [];
        if ((body.Refuse() ?? RefuseManual(mode, status) ?? RefuseParties(parties) ?? RefusePage(page) ?? reader.Read(items!, out lines)) is { } refusal)
        {
            return refusal;
        }

        var now = world.Clock.Stamp();
        var isReady = parties.CustomerId is not null && parties.AddressId is not null;
        var transaction = new Transaction
        {
            Id = world.Ids.New("txn"),
            Status = Statuses.Draft,
            Origin = Origins.Api,
            CustomerId = parties.CustomerId,
            AddressId = parties.AddressId,
            CustomData = custom,
            CurrencyCode = "USD",
            RequestedCurrency = currency,
            CreatedAt = now,
            UpdatedAt = now,
        };
        SetLines(transaction, lines);
        if (RefuseAmount(transaction) is { } tooLittle)
        {
            return tooLittle;
        }

        transaction.Checkout = new CheckoutLink(CheckoutLinks.For(page ?? links.Default, transaction.Id));
        world.Transactions.Add(transaction);
        flow.Tell(transaction, "created");
        if (isReady)
        {
            transaction.Status = Statuses.Ready;
            flow.Tell(transaction, "ready");
        }

        return Answer.Created(transaction);
    }

    private Answer Change(PaddleCall call)
    {
        if (!world.Transactions.TryFind(call.Id, out var transaction))
        {
            return Refusal.NotFound(call.Id);
        }

        var body = call.Body;
        var items = RequestedItem.Read(body, required: false, quantityRequired: true);
        var parties = Parties.Read(body);
        var (currency, custom, page) = (ReadCurrency(body), body.CustomData(), ReadCheckout(body));
        var status = body.OneOf("status", NewStatuses);
        var mode = body.OneOf("collection_mode", CollectionModes);
        if (RefuseUnsupported(body) is { } unsupported)
        {
            return unsupported;
        }

        IReadOnlyList<LineInput> lines = [];
        var changed = new Parties(parties.CustomerId ?? transaction.CustomerId, parties.AddressId ?? transaction.AddressId);
        if ((body.Refuse() ?? RefuseState(transaction, status) ?? RefuseManual(mode, status: null) ?? RefuseParties(changed) ?? RefusePage(page)
            ?? (items is null ? null : reader.Read(items, out lines))) is { } refusal)
        {
            return refusal;
        }

        if (status == Statuses.Canceled)
        {
            if (items is not null || currency is not null || body.Has("custom_data"))
            {
                return Refusal.BadRequest("transaction_cannot_be_modified_and_canceled", "a transaction cannot be changed and canceled in one request");
            }

            flow.Cancel(transaction);
            return Answer.Ok(transaction);
        }

        (transaction.CustomerId, transaction.AddressId) = (changed.CustomerId, changed.AddressId);
        transaction.CustomData = body.Has("custom_data") ? custom : transaction.CustomData;
        transaction.RequestedCurrency = body.Has("currency_code") ? currency : transaction.RequestedCurrency;
        transaction.Checkout = page is null ? transaction.Checkout : new CheckoutLink(CheckoutLinks.For(page, transaction.Id));
        SetLines(transaction, items is null ? transaction.Lines : lines);
        flow.Tell(transaction, "updated");
        if (transaction is { Status: Statuses.Draft, CustomerId: not null, AddressId: not null })
        {
            transaction.Status = Statuses.Ready;
            flow.Tell(transaction, "ready");
        }

        return Answer.Ok(transaction);
    }

    private Answer Invoice(PaddleCall call)
    {
        if (!world.Transactions.TryFind(call.Id, out var transaction))
        {
            return Refusal.NotFound(call.Id);
        }

        return transaction.InvoiceId is null
            ? Refusal.BadRequest("transaction_invoice_not_found", "there is no invoice yet: the transaction is not billed or completed")
            : Answer.Ok(new JsonObject { ["url"] = $"{links.Origin}{PaddlePaths.Invoices}/{transaction.InvoiceId}" });
    }

    private void SetLines(Transaction transaction, IReadOnlyList<LineInput> lines)
    {
        transaction.Lines = lines;
        transaction.Items = [.. lines.Select(line => new TransactionItem(line.Price.Id, line.Price, line.Quantity, null))];
        flow.Recompute(transaction);
    }

    private JsonObject Shape(Transaction transaction, ListQuery query)
    {
        var json = PaddleJson.Of(transaction);
        if (query.Includes("customer"))
        {
            json["customer"] = world.Customers.TryFind(transaction.CustomerId, out var customer) ? PaddleJson.Of(customer) : null;
        }

        if (query.Includes("adjustments"))
        {
            json["adjustments"] = new JsonArray([.. world.Adjustments.All.Where(adjustment => adjustment.TransactionId == transaction.Id).Select(PaddleJson.Of)]);
        }

        return json;
    }

    private static string? ReadCurrency(Fields body)
    {
        var currency = body.Text("currency_code");
        if (currency is not null && Currencies.Find(currency) is null)
        {
            body.Error("currency_code", "is not a supported currency");
        }

        return currency;
    }

    private static Uri? ReadCheckout(Fields body)
    {
        if (body.Object("checkout") is not { } checkout)
        {
            return null;
        }

        var text = checkout.Text("url", 2048);
        checkout.Close();
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        checkout.Error("url", "must be an absolute URL");
        return null;
    }

    private static Refusal? RefuseUnsupported(Fields body)
    {
        string[] names = ["discount_id", "business_id", "billing_details", "billing_period", "discount"];
        return Array.Find(names, name => body.Has(name) && !body.IsNull(name)) switch
        {
            null => null,
            "discount_id" => Refusal.BadRequest("transaction_discount_not_found", "there is no such discount"),
            var name => Refusal.NotSimulated(name),
        };
    }

    private static Refusal? RefuseManual(string? mode, string? status) =>
        mode == "manual" || status is not null ? Refusal.NotSimulated("An invoice (collection_mode manual, or a status at creation)") : null;

    private static Refusal? RefuseState(Transaction transaction, string? status) =>
        !transaction.IsOpen ? Refusal.BadRequest("transaction_immutable", "only a draft or ready transaction can be changed")
        : status == Statuses.Billed ? Refusal.BadRequest("transaction_invalid_status_change", "only a manually collected transaction can be billed")
        : null;

    private Refusal? RefuseParties(Parties parties) => parties switch
    {
        { CustomerId: null, AddressId: not null } => Refusal.BadRequest("transaction_customer_is_required_with_address", "customer_id is required with address_id"),
        { CustomerId: { } id } when world.Customers.Find(id) is null => Refusal.NotFound(id),
        { AddressId: { } id } when world.Addresses.Find(id)?.CustomerId != parties.CustomerId => Refusal.NotFound(id),
        _ => null,
    };

    private Refusal? RefusePage(Uri? page) => page is null || links.IsApproved(page)
        ? null
        : Refusal.BadRequest("transaction_checkout_url_domain_is_not_approved", $"the domain {page.Host} is not approved");

    private static Refusal? RefuseAmount(Transaction transaction)
    {
        var total = Pricing.Parse(transaction.Details.Totals.GrandTotal);
        return total > 0 && total < Currencies.Find(transaction.CurrencyCode)!.MinimumPaymentAmount
            ? Refusal.BadRequest("transaction_balance_less_than_charge_limit", "the balance is less than what can be charged")
            : null;
    }

    private sealed record Parties(string? CustomerId, string? AddressId)
    {
        public static Parties Read(Fields body) => new(body.Text("customer_id"), body.Text("address_id"));
    }
}
