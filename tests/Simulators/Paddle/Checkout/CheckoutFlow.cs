using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Checkout;

/// <summary>A card that a buyer can choose.</summary>
internal enum CheckoutCard
{
    /// <summary>Pays at once.</summary>
    Works,

    /// <summary>Is declined.</summary>
    Declined,

    /// <summary>Waits for the buyer's confirmation at the bank (3-D Secure).</summary>
    Confirm,

    /// <summary>Pays now, and is declined at every renewal.</summary>
    DeclinesLater,
}

/// <summary>How an attempt to pay went.</summary>
internal enum CheckoutOutcome
{
    /// <summary>It is paid.</summary>
    Paid,

    /// <summary>The bank said no. It can be tried again.</summary>
    Declined,

    /// <summary>The bank asks the buyer.</summary>
    NeedsConfirmation,
}

/// <summary>What the buyer does on the checkout page, with the documented events in their order. Guarded by the world's lock.</summary>
/// <param name="world">Keeps everything.</param>
/// <param name="directory">Finds and registers the buyer.</param>
/// <param name="flow">The steps of the transaction.</param>
/// <param name="lifecycle">Starts the subscription.</param>
/// <param name="dunning">Goes on with one that was behind.</param>
/// <param name="events">Tells of what happens.</param>
internal sealed class CheckoutFlow(
    PaddleWorld world, CustomerDirectory directory, TransactionFlow flow, SubscriptionLifecycle lifecycle, DunningProcess dunning, EventLog events)
{
    public static string Last4(CheckoutCard card) => card switch
    {
        CheckoutCard.Declined => "0002",
        CheckoutCard.Confirm => "3184",
        CheckoutCard.DeclinesLater => "0341",
        _ => "4242",
    };

    /// <summary>Whether there is something to pay at the page: an open transaction, or an unpaid bill.</summary>
    public static bool IsPayable(Transaction transaction) => transaction.IsOpen || transaction.Status == Statuses.PastDue;

    /// <summary>Says who buys and where. An e-mail address that is known is the customer of that address.</summary>
    public void Identify(Transaction transaction, string email, string country, string? postalCode)
    {
        // An unpaid bill and a change of the card belong to somebody already.
        if (transaction.SubscriptionId is not null)
        {
            return;
        }

        var customer = directory.FindByEmail(email) ?? directory.Add(email, name: null, locale: null, customData: null);
        var address = world.Addresses.Find(transaction.AddressId) is { } present && present.CustomerId == customer.Id && present.CountryCode == country
            ? present
            : world.Addresses.All.LastOrDefault(known => known.CustomerId == customer.Id && known.CountryCode == country && known.PostalCode == postalCode)
                ?? directory.AddAddress(customer, country, postalCode);
        var isSame = transaction.CustomerId == customer.Id && transaction.AddressId == address.Id;
        (transaction.CustomerId, transaction.AddressId) = (customer.Id, address.Id);
        if (!isSame)
        {
            flow.Recompute(transaction);
            flow.Tell(transaction, "updated");
        }

        if (transaction.Status == Statuses.Draft)
        {
            transaction.Status = Statuses.Ready;
            flow.Tell(transaction, "ready");
        }
    }

    /// <summary>Pays with a card.</summary>
    public CheckoutOutcome Pay(Transaction transaction, CheckoutCard card, bool save)
    {
        transaction.SaveCard = save;
        var methodId = world.Ids.New("paymtd");
        switch (card)
        {
            case CheckoutCard.Declined:
                flow.Attempt(transaction, Last4(card), "error", "declined", methodId);
                flow.Tell(transaction, "payment_failed");
                return CheckoutOutcome.Declined;
            case CheckoutCard.Confirm:
                flow.Attempt(transaction, Last4(card), "action_required", null, methodId);
                flow.Tell(transaction, "updated");
                return CheckoutOutcome.NeedsConfirmation;
            default:
                flow.Attempt(transaction, Last4(card), "captured", null, methodId);
                flow.Tell(transaction, "updated");
                Finish(transaction, card == CheckoutCard.DeclinesLater);
                return CheckoutOutcome.Paid;
        }
    }

    /// <summary>Whether the bank waits for the buyer.</summary>
    public static bool AwaitsConfirmation(Transaction transaction) => IsPayable(transaction) && transaction.Payments is [{ Status: "action_required" }, ..];

    /// <summary>The buyer's answer to the bank.</summary>
    public CheckoutOutcome Confirm(Transaction transaction, bool confirmed)
    {
        if (!confirmed)
        {
            flow.Resolve(transaction, "error", "authentication_failed");
            flow.Tell(transaction, "payment_failed");
            return CheckoutOutcome.Declined;
        }

        flow.Resolve(transaction, "captured", null);
        Finish(transaction, declinesLater: false);
        return CheckoutOutcome.Paid;
    }

    private void Finish(Transaction transaction, bool declinesLater)
    {
        var customer = world.Customers.Find(transaction.CustomerId)!;
        var payment = transaction.Payments[0];
        customer.Card = new CardBehaviour
        {
            AlwaysDeclines = declinesLater,
            Last4 = payment.MethodDetails.Card!.Last4,
            PaymentMethodId = payment.PaymentMethodId,
        };
        if (transaction.Details.Totals.GrandTotal == "0")
        {
            // Nothing was paid; the card is only kept for later.
            transaction.Payments = [];
        }

        if (transaction.Status == Statuses.PastDue)
        {
            dunning.Recover(world.Subscriptions.Find(transaction.SubscriptionId)!, transaction);
        }
        else
        {
            Complete(transaction);
        }

        if (transaction.SaveCard)
        {
            Keep(transaction, payment);
        }
    }

    private void Complete(Transaction transaction)
    {
        transaction.Status = Statuses.Paid;
        flow.Tell(transaction, "paid");
        if (transaction.SubscriptionId is null && transaction.Lines.Any(line => line.Price.BillingCycle is not null))
        {
            var subscription = lifecycle.Start(transaction);
            transaction.SubscriptionId = subscription.Id;
            transaction.BillingPeriod = subscription.CurrentBillingPeriod;
        }

        flow.Tell(transaction, "updated");
        transaction.BilledAt = world.Clock.Stamp();
        flow.Tell(transaction, "updated");
        flow.Complete(transaction);
    }

    private void Keep(Transaction transaction, Payment payment)
    {
        var now = world.Clock.Stamp();
        var method = world.PaymentMethods.Add(new PaymentMethod
        {
            Id = payment.PaymentMethodId!,
            CustomerId = transaction.CustomerId!,
            AddressId = transaction.AddressId!,
            SavedAt = now,
            UpdatedAt = now,
        });
        events.Emit("payment_method.saved", PaddleJson.Of(method));
    }
}
