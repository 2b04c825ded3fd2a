using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What becomes of an unpaid bill. Guarded by the world's lock.</summary>
/// <param name="world">Keeps it.</param>
/// <param name="lifecycle">Ends the subscription, or goes on with it.</param>
/// <param name="collection">Knows who pays.</param>
/// <param name="flow">The steps of the bill.</param>
/// <param name="options">What happens when nothing helps.</param>
internal sealed class DunningProcess(
    PaddleWorld world, SubscriptionLifecycle lifecycle, SubscriptionCollection collection, TransactionFlow flow, IOptions<PaddleSimulatorOptions> options)
{
    /// <summary>Tries again, or gives up when it was the last time.</summary>
    public void Continue(Subscription subscription)
    {
        var dunning = subscription.Dunning!;
        if (dunning.IsExhausted)
        {
            Exhaust(subscription);
            return;
        }

        var customer = collection.CustomerOf(subscription);
        var unpaid = world.Transactions.Find(dunning.TransactionId)!;
        if (customer.Card.Charge() is { } declined)
        {
            subscription.Dunning = dunning with { Retries = dunning.Retries + 1 };
            flow.Attempt(unpaid, customer.Card.Last4, "error", declined, customer.Card.PaymentMethodId);
            flow.Tell(unpaid, "updated", "payment_failed");
            return;
        }

        flow.Attempt(unpaid, customer.Card.Last4, "captured", null, customer.Card.PaymentMethodId);
        Recover(subscription, unpaid);
    }

    /// <summary>The bill has been paid after all.</summary>
    public void Recover(Subscription subscription, Transaction paid)
    {
        paid.Status = Statuses.Paid;
        flow.Tell(paid, "paid", "updated");
        subscription.Dunning = null;
        subscription.Status = Statuses.Active;
        lifecycle.Tell(subscription, "updated", "activated");
        flow.Complete(paid);
    }

    /// <summary>Gives up.</summary>
    /// <param name="subscription">Whose bill it is.</param>
    /// <param name="action">What becomes of it; the configured action when null.</param>
    public void Exhaust(Subscription subscription, string? action = null)
    {
        if ((action ?? options.Value.DunningExhaustedAction) == "subscription_paused")
        {
            lifecycle.PauseNow(subscription, resumeAt: null);
        }
        else
        {
            lifecycle.CancelNow(subscription);
        }
    }
}
