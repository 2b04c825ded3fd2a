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
internal sealed record ReconciledThing(string Entity, string Id, Func<MirrorReconciler, Guid, CancellationToken, Task<Compared>> CompareAsync);

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
        await foreach (var product in paddle.ListProductsAsync(new PaddleProductFilter(everyStatus), cancellationToken))
        {
            if (product.Id is { } id)
            {
                yield return new ReconciledThing("product", id, (reconciler, run, token) => reconciler.CompareAsync(run, product, token));
            }
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var price in paddle.ListPricesAsync(new PaddlePriceFilter(Statuses: everyStatus), cancellationToken))
        {
            seen.Add(price.Id);
            yield return new ReconciledThing("price", price.Id, (reconciler, run, token) => reconciler.CompareAsync(run, price, token));
        }

        var ours = await db.Prices.AsNoTracking().Where(price => price.PaddleId != null).Select(price => new { price.PaddleId, price.PlanCode }).ToListAsync(cancellationToken);
        foreach (var price in ours.Where(price => !seen.Contains(price.PaddleId!)))
        {
            yield return Unknown("price", price.PaddleId!, price.PlanCode);
        }
    }

    private async IAsyncEnumerable<ReconciledThing> CustomersAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var customer in backfill.CustomersAsync(after, cancellationToken))
        {
            if (IsDue(customer.UpdatedAt, since))
            {
                yield return new ReconciledThing("customer", customer.Id, (reconciler, run, token) => reconciler.CompareAsync(run, customer, token));
            }
        }
    }

    private async IAsyncEnumerable<ReconciledThing> SubscriptionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var subscription in backfill.SubscriptionsAsync(afterId: null, cancellationToken))
        {
            seen.Add(subscription.Id);
            yield return Of(subscription);
        }

        var ours = await db.Subscriptions.AsNoTracking()
            .Where(row => row.Source == SubscriptionSource.Paddle && row.State.Status != SubscriptionStatus.Canceled)
            .Select(row => new { row.PaddleId, row.State.RawStatus })
            .ToListAsync(cancellationToken);
        foreach (var known in ours.Where(known => !seen.Contains(known.PaddleId!)))
        {
            // It may have come while the list was read.
            var read = await paddle.GetSubscriptionAsync(known.PaddleId!, cancellationToken);
            if (read.IsDone)
            {
                yield return Of(read.Value);
            }
            else if (read.Failure.IsNotFound)
            {
                yield return Unknown("subscription", known.PaddleId!, known.RawStatus);
            }
            else
            {
                throw new PaddleException(read.Failure);
            }
        }

        static ReconciledThing Of(PaddleSubscription subscription) =>
            new("subscription", subscription.Id, (reconciler, run, token) => reconciler.CompareAsync(run, subscription, token));
    }

    private async IAsyncEnumerable<ReconciledThing> TransactionsAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var transaction in backfill.TransactionsAsync(since, after, cancellationToken))
        {
            if (IsDue(transaction.UpdatedAt, since))
            {
                yield return new ReconciledThing("transaction", transaction.Id, (reconciler, run, token) => reconciler.CompareAsync(run, transaction, token));
            }
        }
    }

    private async IAsyncEnumerable<ReconciledThing> AdjustmentsAsync(
        DateTimeOffset? since, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var adjustment in backfill.AdjustmentsAsync(after, cancellationToken))
        {
            if (IsDue(adjustment.UpdatedAt, since))
            {
                yield return new ReconciledThing("adjustment", adjustment.Id, (reconciler, run, token) => reconciler.CompareAsync(run, adjustment, token));
            }
        }
    }

    private static ReconciledThing Unknown(string entity, string id, string? ours) => new(
        entity, id, (reconciler, run, token) => reconciler.NoteAsync(run, entity, id, new FieldDifference(FieldDifference.Unknown, ours, null), token));

    private static bool IsDue(DateTimeOffset? updatedAt, DateTimeOffset? since) => since is null || updatedAt is null || updatedAt > since;
}
