using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Checkouts;

/// <summary>Follows what becomes of our checkouts at the provider.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="references">Verifies whose something is.</param>
public sealed class CheckoutProgress(BillingDbContext db, CheckoutReferences references)
{
    /// <inheritdoc cref="CheckoutReferences.Read" />
    public CheckoutReference? Read(JsonElement? customData) => references.Read(customData);

    /// <summary>Notes that a checkout was paid, or given up. What was paid stays paid. Safe to repeat.</summary>
    /// <param name="reference">Which checkout it was, as it says itself; null when it does not.</param>
    /// <param name="transactionId">Its transaction, if that is known.</param>
    /// <param name="status"><see cref="CheckoutStatus.Completed"/> or <see cref="CheckoutStatus.Abandoned"/>; anything else changes nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task FollowAsync(CheckoutReference? reference, string? transactionId, CheckoutStatus status, CancellationToken cancellationToken)
    {
        if (status is not (CheckoutStatus.Completed or CheckoutStatus.Abandoned))
        {
            return;
        }

        // One that was given up for another one has a transaction of its own: the reference of the paid one says which one was paid.
        var checkout = reference is not null
            ? await db.Checkouts.SingleOrDefaultAsync(row => row.Id == reference.CheckoutId, cancellationToken)
            : await db.Checkouts.SingleOrDefaultAsync(row => row.TransactionId == transactionId && transactionId != null, cancellationToken);
        if (status == CheckoutStatus.Completed)
        {
            checkout?.Complete();
        }
        else if (checkout is not null && (checkout.TransactionId is null || checkout.TransactionId == transactionId))
        {
            checkout.Abandon();
        }
    }
}
