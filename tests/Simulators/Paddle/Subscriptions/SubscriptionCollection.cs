using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>Where a transaction came from.</summary>
internal static class Origins
{
    public const string Api = "api";
    public const string Web = "web";
    public const string Recurring = "subscription_recurring";
    public const string Update = "subscription_update";
    public const string Charge = "subscription_charge";
    public const string PaymentMethodChange = "subscription_payment_method_change";
}

/// <summary>Bills a subscription without the buyer: renewals, changes, charges. Guarded by the world's lock.</summary>
/// <param name="world">Keeps transactions.</param>
/// <param name="flow">Their steps.</param>
/// <param name="links">Where an open bill can be paid.</param>
internal sealed class SubscriptionCollection(PaddleWorld world, TransactionFlow flow, Checkout.CheckoutLinks links)
{
    public Customer CustomerOf(Subscription subscription) => world.Customers.Find(subscription.CustomerId)!;

    /// <summary>The bill of a subscription, not yet told of.</summary>
    public Transaction Draw(Subscription subscription, IReadOnlyList<LineInput> lines, string origin, BillingPeriod? period)
    {
        var now = world.Clock.Stamp();
        var transaction = new Transaction
        {
            Id = world.Ids.New("txn"),
            Status = Statuses.Ready,
            Origin = origin,
            CustomerId = subscription.CustomerId,
            AddressId = subscription.AddressId,
            SubscriptionId = subscription.Id,
            CurrencyCode = subscription.CurrencyCode,
            RequestedCurrency = subscription.CurrencyCode,
            CustomData = PaddleJson.Clone(subscription.CustomData),
            BillingPeriod = period,
            CreatedAt = now,
            UpdatedAt = now,
            Lines = lines,
            Items = [.. lines.Select(line => new TransactionItem(line.Price.Id, line.Price, line.Quantity, line.Proration))],
        };
        transaction.Checkout = new CheckoutLink(links.For(transaction.Id));
        flow.Recompute(transaction);
        return world.Transactions.Add(transaction);
    }

    /// <summary>Draws a bill and charges the customer's card.</summary>
    /// <returns>The transaction; completed, or past due when the card was declined.</returns>
    public Transaction Collect(Subscription subscription, IReadOnlyList<LineInput> lines, string origin, BillingPeriod? period)
    {
        var transaction = Draw(subscription, lines, origin, period);
        var customer = CustomerOf(subscription);
        flow.UseCredit(transaction, customer);
        return Charge(transaction, customer, transaction.Details.Totals.GrandTotal == "0" ? null : customer.Card.Charge());
    }

    /// <summary>Tells how a bill came about and how the charge ended.</summary>
    public Transaction Charge(Transaction transaction, Customer customer, string? declined)
    {
        flow.Tell(transaction, "created");
        Bill(transaction);
        flow.Tell(transaction, "updated");
        if (declined is not null)
        {
            flow.Attempt(transaction, customer.Card.Last4, "error", declined, customer.Card.PaymentMethodId);
            flow.Tell(transaction, "payment_failed");
            transaction.Status = Statuses.PastDue;
            flow.Tell(transaction, "past_due");
            return transaction;
        }

        if (transaction.Details.Totals.GrandTotal != "0")
        {
            flow.Attempt(transaction, customer.Card.Last4, "captured", null, customer.Card.PaymentMethodId);
        }

        transaction.Status = Statuses.Paid;
        flow.Tell(transaction, "paid", "updated");
        flow.Complete(transaction);
        return transaction;
    }

    /// <summary>Tells of a change that the bank refused and that therefore did not happen.</summary>
    public void Abandon(Transaction transaction, Customer customer, string declined)
    {
        flow.Tell(transaction, "created");
        Bill(transaction);
        flow.Attempt(transaction, customer.Card.Last4, "error", declined, customer.Card.PaymentMethodId);
        flow.Tell(transaction, "payment_failed");
        flow.Cancel(transaction);
    }

    private void Bill(Transaction transaction)
    {
        transaction.Status = Statuses.Billed;
        transaction.BilledAt = world.Clock.Stamp();
        flow.Tell(transaction, "billed");
    }
}
