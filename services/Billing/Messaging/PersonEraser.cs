using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Messaging;

/// <summary>
/// Empties the provider's messages about a person: names, addresses and the last digits of cards stand in them. Customer and subscription stay, because
/// books are kept for years; they are ids. An event that still waits, or failed, keeps its body until it is applied: it decides about money.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<BillingDbContext>
{
    private const string Empty = "{}";

    public async Task EraseAsync(Guid userId, BillingDbContext db, CancellationToken cancellationToken)
    {
        var customers = await db.Customers.Where(customer => customer.AccountId == userId).Select(customer => customer.PaddleId).ToListAsync(cancellationToken);
        foreach (var customer in customers)
        {
            // Ids are the provider's and are nobody else's: an event that names the customer is about the customer.
            var named = $"%\"{customer}\"%";
            await db.WebhookEvents
                .Where(received => (received.Status == WebhookEventStatus.Applied
                        || received.Status == WebhookEventStatus.Superseded
                        || received.Status == WebhookEventStatus.Ignored)
                    && EF.Functions.Like(received.Body, named))
                .ExecuteUpdateAsync(row => row.SetProperty(received => received.Body, Empty), cancellationToken);
        }
    }
}
