using BotGeneric.Billing.Data;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Messaging;

/// <summary>
/// Forgets names and addresses of the payers that are the person, what was written about them as a reason, and empties the provider's messages about them: names,
/// addresses and the last digits of cards stand in them. A payer with whom the person has paid is theirs, and so is one that was only typed at a checkout of theirs,
/// where nothing else is known of it. Payer, subscription and payments stay, because books are kept for years; they are ids and amounts. An
/// event that still waits, or failed, keeps its body until it is applied: it decides about money. What the provider says later of such a payer is emptied as
/// soon as it is applied, also of one that is heard of only then.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<BillingDbContext>
{
    public async Task EraseAsync(Guid userId, BillingDbContext db, CancellationToken cancellationToken)
    {
        var ids = await IdsOfAsync(db, userId, cancellationToken);

        // An event that is applied at this moment is finished first, and then emptied here; one that comes later finds that the payer was erased.
        var payers = await PayersOfAsync(db, userId, ids, cancellationToken);
        await WaitForAsync(db, payers, cancellationToken);

        // A payer that turns out to be this person from here on is forgotten by whoever finds out; one that did so just now is here at a second look.
        await BillingLocks.PersonAsync(db, userId, cancellationToken);
        await db.Database.ExecuteSqlAsync($"INSERT INTO erased_people (person_id) VALUES ({userId}) ON CONFLICT DO NOTHING", cancellationToken);
        var found = await PayersOfAsync(db, userId, ids, cancellationToken);
        var late = found.Except(payers, StringComparer.Ordinal).ToList();
        if (late.Count > 0)
        {
            // Nobody who was waited for must have become somebody else's meanwhile.
            await WaitForAsync(db, late, cancellationToken);
            found = [.. found.Intersect(await PayersOfAsync(db, userId, ids, cancellationToken), StringComparer.Ordinal)];
        }

        var customers = await db.Customers.Where(customer => found.Contains(customer.PaddleId)).ToListAsync(cancellationToken);
        foreach (var customer in customers)
        {
            await ErasedPayers.ForgetAsync(db, customer, cancellationToken);
        }

        await db.Adjustments
            .Where(adjustment => adjustment.AccountId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(adjustment => adjustment.State.Reason, (string?)null), cancellationToken);
        await db.AuditEntries
            .Where(entry => entry.AccountId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(entry => entry.Reason, (string?)null), cancellationToken);
    }

    // One question after the other, each of which an index can answer; one with "or" between them would go through every payer. In this order: a payer who pays in between,
    // and is not unpaid any more, is found by the checkout.
    private static async Task<List<string>> PayersOfAsync(BillingDbContext db, Guid userId, List<Guid> ids, CancellationToken cancellationToken)
    {
        var unpaid = await ErasedPayers.UnpaidAsync(db, ids, cancellationToken);

        // Whoever began a checkout paid it, also where it was for an organization.
        var person = userId.ToString();
        var begun = await db.Checkouts.Where(checkout => checkout.CreatedBy == person).Select(checkout => checkout.Id).ToListAsync(cancellationToken);
        var paid = await db.Customers.Where(customer => begun.Contains(customer.CheckoutId!.Value)).Select(customer => customer.PaddleId).ToListAsync(cancellationToken);
        var own = await db.Customers.Where(customer => customer.AccountId == userId).Select(customer => customer.PaddleId).ToListAsync(cancellationToken);
        return [.. unpaid.Union(paid, StringComparer.Ordinal).Union(own, StringComparer.Ordinal)];
    }

    // A person whose accounts became one has an id for each of them, and is erased under one after the other.
    private static async Task<List<Guid>> IdsOfAsync(BillingDbContext db, Guid userId, CancellationToken cancellationToken)
    {
        var kept = await db.KeptAccountAsync(userId, cancellationToken);
        return [kept, .. await db.Set<MergedAccount>().Where(row => row.KeptAccountId == kept).Select(row => row.AccountId).ToListAsync(cancellationToken)];
    }

    private static async Task WaitForAsync(BillingDbContext db, IEnumerable<string> payers, CancellationToken cancellationToken)
    {
        foreach (var payer in payers.Order(StringComparer.Ordinal))
        {
            await BillingLocks.PayerAsync(db, payer, cancellationToken);
        }
    }
}
