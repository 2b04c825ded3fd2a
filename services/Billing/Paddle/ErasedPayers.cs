using System.Text.RegularExpressions;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Mirror;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Says whether an event is about somebody who was erased here. Paddle has not forgotten them, and goes on sending names, addresses and the last digits of cards
/// with whatever happens to their subscription.
/// </summary>
internal static partial class ErasedPayers
{
    /// <summary>Looks for erased payers in a body, and makes an erasure that begins meanwhile wait for the end of the transaction.</summary>
    /// <param name="db">Billing's database, in the transaction that settles the event.</param>
    /// <param name="body">What Paddle has sent.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether any payer that it names was erased.</returns>
    internal static async Task<bool> AreNamedAsync(BillingDbContext db, string body, CancellationToken cancellationToken)
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
            await BillingLocks.PayerAsync(db, payer, cancellationToken);
        }

        return await db.Customers.AnyAsync(customer => payers.Contains(customer.PaddleId) && customer.IsErased, cancellationToken);
    }

    [GeneratedRegex("\"(?<id>ctm_[^\"\\\\]{1,96})\"", RegexOptions.CultureInvariant)]
    private static partial Regex Payer();
}
