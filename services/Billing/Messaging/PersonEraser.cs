using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Messaging;

/// <summary>
/// Forgets names and addresses of the payers that are the person, what was written about them as a reason, and empties the provider's messages about them: names,
/// addresses and the last digits of cards stand in them. Payer, subscription and payments stay, because books are kept for years; they are ids and amounts. An
/// event that still waits, or failed, keeps its body until it is applied: it decides about money. What the provider says later of such a payer is emptied as
/// soon as it is applied.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<BillingDbContext>
{
    public async Task EraseAsync(Guid userId, BillingDbContext db, CancellationToken cancellationToken)
    {
        // Whoever began a checkout paid it, also where it was for an organization.
        var person = userId.ToString();
        var begun = db.Checkouts.Where(checkout => checkout.CreatedBy == person).Select(checkout => checkout.Id);
        var theirs = db.Customers.Where(customer => customer.AccountId == userId || begun.Contains(customer.CheckoutId!.Value));

        // An event that is applied at this moment is finished first, and then emptied here; one that comes later finds that the payer was erased.
        foreach (var payer in await theirs.Select(customer => customer.PaddleId).Order().ToListAsync(cancellationToken))
        {
            await BillingLocks.PayerAsync(db, payer, cancellationToken);
        }

        var customers = await theirs.ToListAsync(cancellationToken);
        foreach (var customer in customers)
        {
            customer.Erase();

            // Ids are the provider's and are nobody else's: an event that names the customer is about the customer.
            var named = $"%\"{customer.PaddleId}\"%";
            await db.WebhookEvents
                .Where(received => (received.Status == WebhookEventStatus.Applied
                        || received.Status == WebhookEventStatus.Superseded
                        || received.Status == WebhookEventStatus.Ignored)
                    && EF.Functions.Like(received.Body, named))
                .ExecuteUpdateAsync(row => row.SetProperty(received => received.Body, WebhookEvent.EmptyBody), cancellationToken);
        }

        var ids = customers.Select(customer => customer.PaddleId).ToList();
        await db.Adjustments
            .Where(adjustment => adjustment.AccountId == userId || ids.Contains(adjustment.State.CustomerId))
            .ExecuteUpdateAsync(row => row.SetProperty(adjustment => adjustment.State.Reason, (string?)null), cancellationToken);
        await db.AuditEntries
            .Where(entry => entry.AccountId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(entry => entry.Reason, (string?)null), cancellationToken);
    }
}
