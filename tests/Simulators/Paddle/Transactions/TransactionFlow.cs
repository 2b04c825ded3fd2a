using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary>The steps of a transaction that purchases and renewals share. Guarded by the world's lock.</summary>
/// <param name="world">Keeps it.</param>
/// <param name="pricing">Computes it.</param>
/// <param name="events">Tells of it.</param>
internal sealed class TransactionFlow(PaddleWorld world, Pricing pricing, EventLog events)
{
    public string? CountryOf(Transaction transaction) => world.Addresses.Find(transaction.AddressId)?.CountryCode;

    /// <summary>Computes lines and sums anew, after items, country or currency changed.</summary>
    public void Recompute(Transaction transaction)
    {
        var country = CountryOf(transaction);
        transaction.CurrencyCode = Pricing.CurrencyOf([.. transaction.Lines.Select(line => line.Price)], country, transaction.RequestedCurrency);
        transaction.Details = pricing.Compute(transaction.Lines, country, transaction.CurrencyCode, transaction.Credit, transaction.Details.LineItems);
    }

    public void Touch(Transaction transaction) => transaction.UpdatedAt = world.Clock.Stamp();

    /// <summary>Changes it and tells so, once per name.</summary>
    public void Tell(Transaction transaction, params ReadOnlySpan<string> names)
    {
        Touch(transaction);
        events.Emit(transaction, names);
    }

    /// <summary>Notes an attempt to pay, before the earlier ones.</summary>
    public void Attempt(Transaction transaction, string last4, string status, string? errorCode, string? methodId)
    {
        var now = world.Clock.Stamp();
        transaction.Payments =
        [
            new Payment(
                world.Ids.NewGuid(), world.Ids.NewGuid(), methodId, transaction.Details.Totals.GrandTotal, status, errorCode,
                new MethodDetails("card", new Card("visa", last4, 12, now.Year + 3, "Simulated Buyer")), now, status == "captured" ? now : null),
            .. transaction.Payments,
        ];
    }

    /// <summary>Writes how the latest attempt ended.</summary>
    public void Resolve(Transaction transaction, string status, string? errorCode)
    {
        var latest = transaction.Payments[0] with
        {
            Status = status,
            ErrorCode = errorCode,
            CapturedAt = status == "captured" ? world.Clock.Stamp() : null,
        };
        transaction.Payments = [latest, .. transaction.Payments.Skip(1)];
    }

    /// <summary>The invoice and the final sums; the last step.</summary>
    public void Complete(Transaction transaction)
    {
        transaction.Status = Statuses.Completed;
        transaction.BilledAt ??= world.Clock.Stamp();
        transaction.InvoiceId ??= world.Ids.New("inv");
        transaction.InvoiceNumber ??= world.NextInvoiceNumber();
        transaction.Details = Pricing.Settle(transaction.Details);
        Tell(transaction, "completed");
    }

    public void Cancel(Transaction transaction)
    {
        transaction.Status = Statuses.Canceled;
        Tell(transaction, "updated", "canceled");
    }

    /// <summary>Takes what the customer has as credit into account, as far as it goes; what is owed to the customer becomes credit.</summary>
    public void UseCredit(Transaction transaction, Customer customer)
    {
        var currency = transaction.CurrencyCode;
        var total = Pricing.Parse(transaction.Details.Totals.Total);
        var available = customer.Credit.GetValueOrDefault(currency);
        if (total < 0)
        {
            customer.Credit[currency] = available - total;
            transaction.Details = transaction.Details with
            {
                Totals = transaction.Details.Totals with { CreditToBalance = Minor.Text(-total), Balance = "0", GrandTotal = "0", GrandTotalTax = "0" },
            };
            return;
        }

        var used = Math.Min(total, available);
        if (used > 0)
        {
            customer.Credit[currency] = available - used;
            transaction.Credit = used;
            Recompute(transaction);
        }
    }
}
