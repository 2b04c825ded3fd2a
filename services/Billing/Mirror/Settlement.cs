using System.Text.Json;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Works out what follows from a change: grace, chargeback, paid period and access of subscriptions, which of them is an account's primary one, whose their
/// payments are; and tells the others, each thing once, and only what has changed. It works from everything that is known, so it ends the same whatever
/// came last.
/// </summary>
/// <remarks>
/// Watch what is about to change, change it, settle; then save and commit. All of it in one database transaction. Who changes something of a payer at the
/// provider holds the payer's lock, as <see cref="Payers.OpenAsync"/> takes it.
/// </remarks>
/// <param name="db">Billing's database, in a transaction.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="announcer">Tells them of payments.</param>
/// <param name="options">How long the grace is.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class Settlement(
    BillingDbContext db, IOutbox outbox, PaymentAnnouncer announcer, IOptions<BillingOptions> options, TimeProvider timeProvider)
{
    private readonly Dictionary<Guid, WatchedSubscription> _subscriptions = [];
    private readonly Dictionary<string, Transaction> _payments = new(StringComparer.Ordinal);

    /// <summary>Remembers a subscription as it is. Must come before its first change. Safe to repeat.</summary>
    /// <param name="subscription">A subscription that the context tracks.</param>
    public void Watch(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        _subscriptions.TryAdd(subscription.Id, new WatchedSubscription(subscription, ContentOf(subscription), Place.Of(subscription)));
    }

    /// <summary>Remembers a subscription of which nobody was told yet.</summary>
    /// <param name="subscription">A subscription that was just added to the context.</param>
    public void WatchNew(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        _subscriptions.TryAdd(subscription.Id, new WatchedSubscription(subscription, Content: null, Place: null));
    }

    /// <summary>Remembers a payment that belongs to no subscription.</summary>
    /// <param name="transaction">A payment that the context tracks.</param>
    public void Watch(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        _payments.TryAdd(transaction.PaddleId, transaction);
    }

    /// <summary>Works out and tells what follows for everything that is watched, and watches nothing afterwards. Saves on its way; the caller saves at the end.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("What follows from a change is worked out in the transaction of the change.");
        }

        // Queries find what is saved.
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (subscription, _, _) in _subscriptions.Values)
        {
            await DeriveAsync(subscription, cancellationToken);
        }

        foreach (var payment in _payments.Values)
        {
            var adjustments = await db.Adjustments.Where(row => row.State.TransactionId == payment.PaddleId).ToListAsync(cancellationToken);
            await announcer.AnnounceAsync([payment], adjustments, subscription: null, cancellationToken);
        }

        await ElectAsync(cancellationToken);
        foreach (var (subscription, content, _) in _subscriptions.Values)
        {
            if (ContentOf(subscription) != content)
            {
                outbox.Add(db, subscription.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow())), orderingKey: subscription.Id.ToString());
            }
        }

        _subscriptions.Clear();
        _payments.Clear();
    }

    // What others are told, without what is different in each telling.
    private static string ContentOf(Subscription subscription) =>
        JsonSerializer.Serialize(subscription.ToEvent(Guid.Empty) with { OccurredAt = default, Revision = 0 }, JsonColumn.Json);

    private async Task DeriveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        if (subscription.PaddleId is not { } paddleId)
        {
            subscription.Derive(SubscriptionCircumstances.None(subscription), now);
            return;
        }

        var timeline = await db.SubscriptionTimeline.AsNoTracking().Where(row => row.SubscriptionPaddleId == paddleId).ToListAsync(cancellationToken);
        var payments = await db.Transactions.Where(row => row.State.SubscriptionId == paddleId).ToListAsync(cancellationToken);
        var adjustments = await db.AdjustmentsOf(paddleId).ToListAsync(cancellationToken);
        subscription.Derive(SubscriptionCircumstances.Of(subscription, timeline, payments, adjustments, options.Value.PastDueGrace), now);

        if (payments.Count > 0)
        {
            var claimed = payments.Select(payment => payment.ClaimedAccountId).OfType<Guid>().Distinct().ToList();
            var accounts = await AccountAliases.ResolveAsync(db, claimed, cancellationToken);
            foreach (var payment in payments)
            {
                payment.MoveTo(payment.ClaimedAccountId is { } account ? accounts.Of(account) : subscription.AccountId);
            }

            await announcer.AnnounceAsync(payments, adjustments, subscription, cancellationToken);
        }
    }

    // Of an account's live subscriptions to a product the one that began first is the primary one; what is paid goes before what is given. The database allows
    // one of them, so the old one steps down before the new one steps up.
    private async Task ElectAsync(CancellationToken cancellationToken)
    {
        var places = _subscriptions.Values.Select(watched => watched.Place).OfType<Place>()
            .Concat(_subscriptions.Values.Select(watched => Place.Of(watched.Subscription)))
            .ToHashSet();
        if (places.Count == 0)
        {
            return;
        }

        var accounts = places.Select(place => place.AccountId).Distinct().ToList();
        await BillingLocks.AccountsAsync(db, accounts, cancellationToken);
        var rivals = await db.Subscriptions
            .Where(row => accounts.Contains(row.AccountId) && row.State.Status != SubscriptionStatus.Canceled)
            .ToListAsync(cancellationToken);
        var primaries = rivals.GroupBy(Place.Of).Select(group => group.Min(Seniority)!).ToList();
        foreach (var deposed in rivals.Except(primaries).Where(row => row.IsPrimary).ToList())
        {
            deposed.MakePrimary(false);
        }

        var promoted = primaries.Where(row => !row.IsPrimary).ToList();
        if (promoted.Count > 0)
        {
            await db.SaveChangesAsync(cancellationToken);
            promoted.ForEach(row => row.MakePrimary(true));
        }
    }

    private static Comparer<Subscription> Seniority { get; } = Comparer<Subscription>.Create((left, right) => Rank(left).CompareTo(Rank(right)));

    private static (bool IsGiven, DateTimeOffset StartedAt, string PaddleId, Guid Id) Rank(Subscription subscription) => (
        subscription.Source == SubscriptionSource.Comped,
        subscription.State.StartedAt ?? DateTimeOffset.MaxValue,
        subscription.PaddleId ?? string.Empty,
        subscription.Id);

    private sealed record WatchedSubscription(Subscription Subscription, string? Content, Place? Place);

    private sealed record Place(Guid AccountId, string Product)
    {
        public static Place Of(Subscription subscription) => new(subscription.AccountId, subscription.Product);
    }
}
