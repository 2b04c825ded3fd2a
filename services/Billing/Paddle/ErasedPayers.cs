using System.Text.RegularExpressions;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Forgets payers that are somebody who was erased here, and says whether an event is about one. Paddle has not forgotten them, and goes on sending names, addresses and the last digits of cards
/// with whatever happens to their subscription.
/// </summary>
internal static partial class ErasedPayers
{
    /// <summary>Looks for erased payers in a body, and makes an erasure that begins meanwhile wait for the end of the transaction.</summary>
    /// <param name="db">Billing's database, in the transaction that settles the event.</param>
    /// <param name="locks">Keeps others from the payers.</param>
    /// <param name="body">What Paddle has sent.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether any payer that it names was erased.</returns>
    internal static async Task<bool> AreNamedAsync(BillingDbContext db, MirrorLocks locks, string body, CancellationToken cancellationToken)
    {
        // Ids are Paddle's and are nobody else's: an event that names a payer is about the payer.
        var payers = Payer().Matches(body).Select(match => match.Groups["id"].Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var opened = db.Customers.Local.Where(customer => payers.Contains(customer.PaddleId)).ToList();
        if (opened.Count == payers.Count)
        {
            // Who has opened them for this event holds their locks, and has read them since.
            return opened.Exists(customer => customer.IsErased);
        }

        foreach (var payer in payers)
        {
            await locks.PayerAsync(payer, cancellationToken);
        }

        return await db.Customers.AnyAsync(customer => payers.Contains(customer.PaddleId) && customer.IsErased, cancellationToken);
    }

    /// <summary>
    /// The payers who were typed at checkouts of some people, and of whom nothing else is known: nothing was paid, no admin has linked them, nobody else's checkout
    /// names them. An address that somebody else has paid with is somebody else's, whoever has typed it too.
    /// </summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="people">The people, each by every id that they have had.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What Paddle calls them.</returns>
    internal static async Task<List<string>> UnpaidAsync(BillingDbContext db, IReadOnlyCollection<Guid> people, CancellationToken cancellationToken)
    {
        var begun = await BegunByAsync(db, people, cancellationToken);
        var typed = await db.Transactions
            .Where(payment => begun.Contains(payment.CheckoutId!.Value) && payment.State.CustomerId != null)
            .Select(payment => payment.State.CustomerId!)
            .Distinct()
            .ToListAsync(cancellationToken);
        // What was claimed for an account is the account's, or that of the one that it became part of, which is among the ids.
        var claimed = await db.Transactions
            .Where(payment => people.Contains(payment.AccountId!.Value) && people.Contains(payment.ClaimedAccountId!.Value) && payment.State.CustomerId != null)
            .Select(payment => payment.State.CustomerId!)
            .Distinct()
            .ToListAsync(cancellationToken);
        return await UnpaidAsync(db, [.. typed.Union(claimed, StringComparer.Ordinal)], people, begun, cancellationToken);
    }

    /// <summary>Whether a payer is one of those of <see cref="UnpaidAsync(BillingDbContext, IReadOnlyCollection{Guid}, CancellationToken)"/>.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="people">The people, each by every id that they have had.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<bool> IsUnpaidAsync(BillingDbContext db, string customerId, IReadOnlyCollection<Guid> people, CancellationToken cancellationToken) =>
        (await UnpaidAsync(db, [customerId], people, await BegunByAsync(db, people, cancellationToken), cancellationToken)).Count > 0;

    private static Task<List<Guid>> BegunByAsync(BillingDbContext db, IEnumerable<Guid> people, CancellationToken cancellationToken)
    {
        var subjects = people.Select(person => person.ToString()).ToArray();
        return db.Checkouts.Where(checkout => subjects.Contains(checkout.CreatedBy)).Select(checkout => checkout.Id).ToListAsync(cancellationToken);
    }

    // From the few who may be it: each is looked up by its id.
    private static Task<List<string>> UnpaidAsync(
        BillingDbContext db, string[] payers, IReadOnlyCollection<Guid> people, List<Guid> begun, CancellationToken cancellationToken) => db.Customers
        .Where(customer => payers.Contains(customer.PaddleId)
            && !customer.IsLinked
            && !db.Subscriptions.Any(subscription => subscription.CustomerId == customer.PaddleId)
            && db.Transactions.Any(payment => payment.State.CustomerId == customer.PaddleId)
            && !db.Transactions.Any(payment => payment.State.CustomerId == customer.PaddleId
                && (payment.ClaimedAccountId == null || !people.Contains(payment.ClaimedAccountId.Value))
                && (payment.CheckoutId == null || !begun.Contains(payment.CheckoutId.Value))))
        .Select(customer => customer.PaddleId)
        .ToListAsync(cancellationToken);

    /// <summary>
    /// Forgets a payer's name and address, why money was given back, and the bodies of settled events about the payer. The caller holds the payer's lock, and saves.
    /// </summary>
    /// <param name="db">Billing's database, in a transaction.</param>
    /// <param name="customer">The payer, tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task ForgetAsync(BillingDbContext db, Customer customer, CancellationToken cancellationToken)
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
        await db.Adjustments
            .Where(adjustment => adjustment.State.CustomerId == customer.PaddleId)
            .ExecuteUpdateAsync(row => row.SetProperty(adjustment => adjustment.State.Reason, (string?)null), cancellationToken);
    }

    [GeneratedRegex("\"(?<id>ctm_[^\"\\\\]{1,96})\"", RegexOptions.CultureInvariant)]
    private static partial Regex Payer();
}
