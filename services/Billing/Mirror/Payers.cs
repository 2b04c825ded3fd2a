using System.Security.Cryptography;
using System.Text;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Says whose something is: what a checkout of ours has signed; without one, the account that an admin has linked its payer to; without that, an account made
/// up for the payer, for an admin to link. Nothing else of what the provider says is believed. Also not that a checkout of ours was paid by the same payer: a
/// payer is an address there, and whoever buys types the address, which may be somebody else's.
/// </summary>
/// <param name="db">Billing's database, in a transaction.</param>
/// <param name="settlement">Works out what follows.</param>
/// <param name="locks">Keeps others from the same payer.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class Payers(BillingDbContext db, Settlement settlement, MirrorLocks locks, TimeProvider timeProvider)
{
    /// <summary>Takes a payer up, alone until the transaction ends.</summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The payer, tracked; a new one when nothing was known.</returns>
    /// <exception cref="LockHeldException">Somebody else works at the payer for long, and this unit of work does not wait.</exception>
    public async Task<Customer> OpenAsync(string customerId, CancellationToken cancellationToken)
    {
        await locks.PayerAsync(customerId, cancellationToken);
        var customer = await db.Customers.SingleOrDefaultAsync(row => row.PaddleId == customerId, cancellationToken);
        if (customer is null)
        {
            customer = Customer.Track(customerId, timeProvider.GetUtcNow());
            db.Customers.Add(customer);
        }

        return customer;
    }

    /// <summary>Whose a payer's things are when nothing better is known of them.</summary>
    /// <param name="customer">The payer, opened.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The account, made up when there is none.</returns>
    public async Task<Guid> AccountOfAsync(Customer customer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customer);
        if (customer is { IsLinkedByAdmin: true, AccountId: { } linked })
        {
            var current = await CurrentAsync(linked, cancellationToken);
            customer.MoveTo(current, isLinked: true);
            return current;
        }

        // What somebody has paid for is never lost, also when nobody knows who it was.
        var madeUp = MadeUpFor(customer.PaddleId);
        if (!customer.IsLinked)
        {
            customer.MoveTo(madeUp, isLinked: false);
        }

        return madeUp;
    }

    /// <summary>
    /// Notes with which payer an account has paid, for its next purchase. What the payer has bought otherwise stays where it is. A payer that turns out to be
    /// somebody who was erased is forgotten at once.
    /// </summary>
    /// <param name="customer">The payer, opened.</param>
    /// <param name="reference">What was signed; null when nothing was.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ClaimAsync(Customer customer, CheckoutReference? reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customer);
        if (reference is null || !customer.MayBeClaimedBy(reference.CheckoutId))
        {
            return;
        }

        if (!customer.IsErased)
        {
            await ForgetAsync(customer, await PeopleOfAsync(reference, cancellationToken), cancellationToken);
        }

        // The account may have become part of another one between the checkout and its payment.
        customer.Claim(reference.CheckoutId, await CurrentAsync(reference.AccountId, cancellationToken));
    }

    /// <summary>
    /// Forgets a payer who was typed at a checkout that is not paid, when its person was erased and nothing else is known of the payer: nobody will ever claim such a
    /// payer. Saves on its way, when it is one.
    /// </summary>
    /// <param name="customer">The payer, opened.</param>
    /// <param name="reference">What was signed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ForgetUnpaidAsync(Customer customer, CheckoutReference reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customer);
        ArgumentNullException.ThrowIfNull(reference);
        if (customer.IsErased || customer.IsLinked)
        {
            return;
        }

        var erased = await ErasedAmongAsync(await PeopleOfAsync(reference, cancellationToken), cancellationToken);
        if (erased.Count == 0)
        {
            return;
        }

        // Queries find what is saved.
        await db.SaveChangesAsync(cancellationToken);
        if (await ErasedPayers.IsUnpaidAsync(db, customer.PaddleId, erased, cancellationToken))
        {
            await ErasedPayers.ForgetAsync(db, customer, cancellationToken);
        }
    }

    /// <summary>Gives a subscription to its account.</summary>
    /// <param name="subscription">The subscription, watched by the settlement.</param>
    /// <param name="customer">Its payer, opened.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task AssignAsync(Subscription subscription, Customer customer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(customer);
        if (subscription.ClaimedAccountId is { } claimed)
        {
            subscription.MoveTo(await CurrentAsync(claimed, cancellationToken), isLinked: true);
        }
        else
        {
            var account = await AccountOfAsync(customer, cancellationToken);
            subscription.MoveTo(account, customer.IsLinkedByAdmin);
        }
    }

    /// <summary>
    /// Links a payer to an account, as an admin says: unlinked subscriptions and payments of the payer go to it, and what waited for an account is told. What one
    /// of our checkouts says of a subscription goes on to count. The caller saves, and commits.
    /// </summary>
    /// <param name="customerId"><c>ctm_…</c></param>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The payer; null when it is not known.</returns>
    public async Task<Customer?> LinkAsync(string customerId, Guid accountId, CancellationToken cancellationToken)
    {
        await BillingLocks.PayerAsync(db, customerId, cancellationToken);
        var customer = await db.Customers.SingleOrDefaultAsync(row => row.PaddleId == customerId, cancellationToken);
        if (customer is null)
        {
            return null;
        }

        await ForgetAsync(customer, [accountId], cancellationToken);
        customer.LinkByAdmin(await CurrentAsync(accountId, cancellationToken));
        await MoveAlongAsync(customer, cancellationToken);
        await settlement.SettleAsync(cancellationToken);
        return customer;
    }

    // The same whenever and wherever it is made up.
    internal static Guid MadeUpFor(string customerId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"payer:{customerId}"), hash);
        // Version 8 and the variant of RFC 9562: made of what its maker likes.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    internal async Task<Guid> CurrentAsync(Guid account, CancellationToken cancellationToken) =>
        (await AccountAliases.ResolveAsync(db, [account], cancellationToken)).Of(account);

    // Whoever began a checkout pays it, also where it is for an organization.
    private async Task<Guid[]> PeopleOfAsync(CheckoutReference reference, CancellationToken cancellationToken)
    {
        var begunBy = await db.Checkouts.Where(row => row.Id == reference.CheckoutId).Select(row => row.CreatedBy).SingleOrDefaultAsync(cancellationToken);
        return Guid.TryParse(begunBy, out var person) ? [reference.AccountId, person] : [reference.AccountId];
    }

    private async Task ForgetAsync(Customer customer, Guid[] people, CancellationToken cancellationToken)
    {
        if ((await ErasedAmongAsync(people, cancellationToken)).Count > 0)
        {
            await ErasedPayers.ForgetAsync(db, customer, cancellationToken);
        }
    }

    private async Task<List<Guid>> ErasedAmongAsync(Guid[] people, CancellationToken cancellationToken)
    {
        await BillingLocks.PeopleAsync(db, people, cancellationToken);
        return await db.ErasedPeople.Where(erased => people.Contains(erased.PersonId)).Select(erased => erased.PersonId).ToListAsync(cancellationToken);
    }

    private async Task MoveAlongAsync(Customer customer, CancellationToken cancellationToken)
    {
        var subscriptions = await db.Subscriptions
            .Where(row => row.CustomerId == customer.PaddleId && row.ClaimedAccountId == null)
            .ToListAsync(cancellationToken);
        foreach (var subscription in subscriptions)
        {
            settlement.Watch(subscription);
            await AssignAsync(subscription, customer, cancellationToken);
        }

        var account = await AccountOfAsync(customer, cancellationToken);
        var payments = await db.Transactions
            .Where(row => row.State.CustomerId == customer.PaddleId && row.State.SubscriptionId == null && row.ClaimedAccountId == null)
            .ToListAsync(cancellationToken);
        foreach (var payment in payments)
        {
            payment.MoveTo(account);
            settlement.Watch(payment);
        }
    }
}
