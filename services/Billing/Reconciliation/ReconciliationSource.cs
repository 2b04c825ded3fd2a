using System.Runtime.CompilerServices;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>The parts of a comparison, in an order in which what is named is known before what names it.</summary>
internal enum ReconciliationStage
{
    /// <summary>Products and prices.</summary>
    Catalogue,

    /// <summary>Payers.</summary>
    Customers,

    /// <summary>Subscriptions, and those of ours that the provider does not list.</summary>
    Subscriptions,

    /// <summary>Payments.</summary>
    Transactions,

    /// <summary>Refunds, credits and chargebacks.</summary>
    Adjustments,

    /// <summary>Everything was compared.</summary>
    Done,
}

/// <summary>One thing to compare.</summary>
/// <param name="Entity">What kind of thing.</param>
/// <param name="Id">Its id at the provider.</param>
/// <param name="CompareAsync">Compares it.</param>
internal sealed record ReconciledThing(string Entity, string Id, Func<MirrorReconciler, Guid, CancellationToken, Task<Compared>> CompareAsync)
{
    /// <summary>What stands for the id of something whose id cannot be read.</summary>
    internal const string NoId = "?";

    /// <summary>Something that the provider has and this version cannot read.</summary>
    /// <param name="entity">What kind of thing.</param>
    /// <param name="unreadable">What there is to say of it.</param>
    internal static ReconciledThing Unreadable(string entity, PaddleUnreadable unreadable) => Noted(
        entity, unreadable.Id ?? NoId, new FieldDifference(FieldDifference.Unreadable, null, unreadable.Place));

    /// <summary>Something that is only written down.</summary>
    /// <param name="entity">What kind of thing.</param>
    /// <param name="id">Its id.</param>
    /// <param name="difference">What is written down.</param>
    internal static ReconciledThing Noted(string entity, string id, FieldDifference difference) =>
        new(entity, id, (reconciler, run, token) => reconciler.NoteAsync(run, entity, id, difference, token));
}

/// <summary>
/// Reads what is to be compared. Payments are those that were changed since the last comparison. Of everything else the provider cannot be asked for what has
/// changed: it is all read, and subscriptions are all compared, because an error in one of them costs somebody access.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle.</param>
/// <param name="backfill">Lists of Paddle's.</param>
public sealed class ReconciliationSource(BillingDbContext db, IPaddleClient paddle, IPaddleBackfill backfill)
{
    internal IAsyncEnumerable<ReconciledThing> ReadAsync(
        ReconciliationStage stage, ReconciliationRun run, string? after, CancellationToken cancellationToken) => stage switch
        {
            // Short enough to be begun again.
            ReconciliationStage.Catalogue => CatalogueAsync(cancellationToken),
            ReconciliationStage.Customers => CustomersAsync(run.Since, after, cancellationToken),
            // What is ours alone is known only after all that is theirs.
            ReconciliationStage.Subscriptions => SubscriptionsAsync(cancellationToken),
            ReconciliationStage.Transactions => TransactionsAsync(run.Since, after, cancellationToken),
            _ => AdjustmentsAsync(run.Since, after, cancellationToken),
        };

    private async IAsyncEnumerable<ReconciledThing> CatalogueAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] everyStatus = [RemoteCatalogue.Active, RemoteCatalogue.Archived];
        await foreach (var (product, unreadable) in paddle.ListProductsAsync(new PaddleProductFilter(everyStatus), cancellationToken).EachAsync(cancellationToken))
        {
            if (unreadable is not null)
            {
                yield return ReconciledThing.Unreadable("product", unreadable);
            }
            else if (product is { Id: { } id })
            {
                yield return new ReconciledThing("product", id, (reconciler, run, token) => reconciler.CompareAsync(run, product, token));
            }
        }

        var seen = new Seen();
        await foreach (var (price, unreadable) in paddle.ListPricesAsync(new PaddlePriceFilter(Statuses: everyStatus), cancellationToken).EachAsync(cancellationToken))
        {
            seen.Add(price?.Id ?? unreadable?.Id);
            yield return price is null
                ? ReconciledThing.Unreadable("price", unreadable!)
                : new ReconciledThing("price", price.Id, (reconciler, run, token) => reconciler.CompareAsync(run, price, token));
        }

        var ours = (await db.Prices.AsNoTracking().ToListAsync(cancellationToken)).ByPaddleId();
        foreach (var (id, price) in ours.Where(price => !seen.MayContain(price.Key)))
        {
            yield return Unknown("price", id, price.PlanCode);
        }
    }

    private async IAsyncEnumerable<ReconciledThing> CustomersAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (customer, unreadable) in backfill.CustomersAsync(after, cancellationToken))
        {
            if (unreadable is not null)
            {
                yield return ReconciledThing.Unreadable("customer", unreadable);
            }
            else if (IsDue(customer!.UpdatedAt, since))
            {
                yield return new ReconciledThing("customer", customer.Id, (reconciler, run, token) => reconciler.CompareAsync(run, customer, token));
            }
        }
    }

    private async IAsyncEnumerable<ReconciledThing> SubscriptionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new Seen();
        await foreach (var (subscription, unreadable) in backfill.SubscriptionsAsync(afterId: null, cancellationToken))
        {
            // One without an id is asked for by the ids of ours.
            seen.AddKnown(subscription?.Id ?? unreadable?.Id);
            yield return subscription is null ? ReconciledThing.Unreadable("subscription", unreadable!) : Of(subscription);
        }

        var ours = await db.Subscriptions.AsNoTracking()
            .Where(row => row.Source == SubscriptionSource.Paddle && row.State.Status != SubscriptionStatus.Canceled)
            .Select(row => new { row.PaddleId, row.State.RawStatus })
            .ToListAsync(cancellationToken);
        foreach (var known in ours.Where(known => !seen.MayContain(known.PaddleId!)))
        {
            // It may have come while the list was read.
            var read = await paddle.GetSubscriptionAsync(known.PaddleId!, cancellationToken);
            yield return read switch
            {
                { IsDone: true } => Of(read.Value!),
                { Failure.IsNotFound: true } => Unknown("subscription", known.PaddleId!, known.RawStatus),
                { Failure: { IsUnreadable: true } or { Outcome: PaddleOutcome.Refused, ConcernsEveryCall: false } } => ReconciledThing.Noted(
                    "subscription", known.PaddleId!, new FieldDifference(FieldDifference.Unreadable, known.RawStatus, read.Failure!.Error?.Code)),
                _ => throw new PaddleException(read.Failure!),
            };
        }

        static ReconciledThing Of(PaddleSubscription subscription) =>
            new("subscription", subscription.Id, (reconciler, run, token) => reconciler.CompareAsync(run, subscription, token));
    }

    private async IAsyncEnumerable<ReconciledThing> TransactionsAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (transaction, unreadable) in backfill.TransactionsAsync(since, after, cancellationToken))
        {
            if (unreadable is not null)
            {
                yield return ReconciledThing.Unreadable("transaction", unreadable);
            }
            else if (IsDue(transaction!.UpdatedAt, since))
            {
                yield return new ReconciledThing("transaction", transaction.Id, (reconciler, run, token) => reconciler.CompareAsync(run, transaction, token));
            }
        }
    }

    private async IAsyncEnumerable<ReconciledThing> AdjustmentsAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (adjustment, unreadable) in backfill.AdjustmentsAsync(after, cancellationToken))
        {
            if (unreadable is not null)
            {
                yield return ReconciledThing.Unreadable("adjustment", unreadable);
            }
            else if (IsDue(adjustment!.UpdatedAt, since))
            {
                yield return new ReconciledThing("adjustment", adjustment.Id, (reconciler, run, token) => reconciler.CompareAsync(run, adjustment, token));
            }
        }
    }

    private static ReconciledThing Unknown(string entity, string id, string? ours) =>
        ReconciledThing.Noted(entity, id, new FieldDifference(FieldDifference.Unknown, ours, null));

    private static bool IsDue(DateTimeOffset? updatedAt, DateTimeOffset? since) => since is null || updatedAt is null || updatedAt > since;

    // What the provider has listed. After one whose id could not be read nothing can be said to be missing.
    private sealed class Seen
    {
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private bool _hasNameless;

        public void Add(string? id)
        {
            _hasNameless |= id is null;
            AddKnown(id);
        }

        public void AddKnown(string? id)
        {
            if (id is not null)
            {
                _ids.Add(id);
            }
        }

        public bool MayContain(string id) => _hasNameless || _ids.Contains(id);
    }
}
