using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>
/// Compares one thing at the provider with what is held of it, and has the mirror take it over where they differ. What was found is written down in the
/// transaction that heals it.
/// </summary>
/// <remarks>
/// What was read just now is at least as new as the last event of the same change, but its time is that of the change, which is before the event's: so it is
/// put right after what is held, unless what is held is of a later change: then an event has come in between, and it is right.
/// </remarks>
/// <param name="db">Billing's database.</param>
/// <param name="plans">Knows what prices sell.</param>
/// <param name="subscriptions">Takes over subscriptions.</param>
/// <param name="transactions">Takes over transactions.</param>
/// <param name="adjustments">Takes over adjustments.</param>
/// <param name="customers">Takes over payers.</param>
/// <param name="catalogue">Takes over products and prices.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class MirrorReconciler(
    BillingDbContext db,
    PlanLookup plans,
    SubscriptionMirror subscriptions,
    TransactionMirror transactions,
    AdjustmentMirror adjustments,
    CustomerMirror customers,
    CatalogueMirror catalogue,
    TimeProvider timeProvider)
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    internal async Task<Compared> CompareAsync(Guid runId, PaddleSubscription entity, CancellationToken cancellationToken)
    {
        var theirs = entity.ToState();
        var ours = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        return await HealAsync(
            new Found(runId, "subscription", entity.Id, entity.UpdatedAt, ours?.SnapshotVersion),
            await DifferencesAsync(ours, theirs, cancellationToken),
            origin => subscriptions.ApplyAsync(entity, origin, cancellationToken),
            async () => await DifferencesAsync(await db.Subscriptions.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken), theirs, cancellationToken),
            cancellationToken);
    }

    internal async Task<Compared> CompareAsync(Guid runId, PaddleTransaction entity, CancellationToken cancellationToken)
    {
        var theirs = entity.ToState(OccurredAt(entity.UpdatedAt));
        var ours = await db.Transactions.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        return await HealAsync(
            new Found(runId, "transaction", entity.Id, entity.UpdatedAt, ours?.SnapshotVersion),
            Differences(ours?.State, theirs),
            origin => transactions.ApplyAsync(entity, origin, cancellationToken),
            async () => Differences((await db.Transactions.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken))?.State, theirs),
            cancellationToken);
    }

    internal async Task<Compared> CompareAsync(Guid runId, PaddleAdjustment entity, CancellationToken cancellationToken)
    {
        var theirs = entity.ToState(OccurredAt(entity.UpdatedAt));
        if (await db.Customers.AnyAsync(row => row.PaddleId == entity.CustomerId && row.IsErased, cancellationToken))
        {
            theirs = theirs.WithoutReason();
        }

        var ours = await db.Adjustments.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        return await HealAsync(
            new Found(runId, "adjustment", entity.Id, entity.UpdatedAt, ours?.SnapshotVersion),
            [.. Differences(ours?.State, theirs).Select(WithoutReason)],
            origin => adjustments.ApplyAsync(entity, origin, cancellationToken),
            async () => Differences((await db.Adjustments.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken))?.State, theirs),
            cancellationToken);
    }

    internal async Task<Compared> CompareAsync(Guid runId, PaddleCustomer entity, CancellationToken cancellationToken)
    {
        var ours = await db.Customers.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        return await HealAsync(
            new Found(runId, "customer", entity.Id, entity.UpdatedAt, ours?.SnapshotVersion),
            Differences(ours, entity),
            origin => customers.ApplyAsync(entity, origin, cancellationToken),
            async () => Differences(await db.Customers.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken), entity),
            cancellationToken);
    }

    internal Task<Compared> CompareAsync(Guid runId, PaddleProduct entity, CancellationToken cancellationToken) => CompareAsync(
        runId, "product", entity.Id!, entity.UpdatedAt, JsonSerializer.SerializeToElement(entity with { Prices = [] }, PaddleJson.Default.PaddleProduct),
        origin => catalogue.ApplyAsync(entity, origin, cancellationToken), cancellationToken);

    internal Task<Compared> CompareAsync(Guid runId, PaddlePrice entity, CancellationToken cancellationToken) => CompareAsync(
        runId, "price", entity.Id, entity.UpdatedAt, JsonSerializer.SerializeToElement(entity, PaddleJson.Default.PaddlePrice),
        origin => catalogue.ApplyAsync(entity, origin, cancellationToken), cancellationToken);

    /// <summary>Writes down something that cannot be healed.</summary>
    internal async Task<Compared> NoteAsync(Guid runId, string entity, string paddleId, FieldDifference difference, CancellationToken cancellationToken)
    {
        await AddAsync(new Found(runId, entity, paddleId, null, null), [difference], isHealed: false, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return new Compared(entity, IsDifferent: true, IsHealed: false);
    }

    private async Task<Compared> CompareAsync(
        Guid runId, string kind, string paddleId, DateTimeOffset? updatedAt, JsonElement theirs, Func<SnapshotOrigin, Task<MirrorOutcome>> apply,
        CancellationToken cancellationToken)
    {
        var ours = await db.CatalogueEntries.AsNoTracking().SingleOrDefaultAsync(row => row.PaddleId == paddleId, cancellationToken);
        var held = ours is null ? (JsonElement?)null : JsonElement.Parse(ours.Data);
        var changedAt = held is { } data && data.TryGetProperty("updated_at", out var time) && time.TryGetDateTimeOffset(out var read) ? read.Kept() : DateTimeOffset.MinValue;
        return await HealAsync(
            new Found(runId, kind, paddleId, updatedAt, ours is null ? null : new SnapshotVersion(ours.LastEventAt, changedAt, 0, string.Empty)),
            held is { } known ? SnapshotComparison.Compare(known, theirs) : [new FieldDifference(FieldDifference.Missing, null, null)],
            apply,
            async () => SnapshotComparison.Compare(
                JsonElement.Parse((await db.CatalogueEntries.SingleAsync(row => row.PaddleId == paddleId, cancellationToken)).Data), theirs),
            cancellationToken);
    }

    // Whoever pays at a price that sells a plan has the plan, whatever came first.
    private async Task<IReadOnlyList<FieldDifference>> DifferencesAsync(Subscription? ours, SubscriptionState theirs, CancellationToken cancellationToken)
    {
        var differences = Differences(ours?.State, theirs);
        return ours is { PlanCode: null } && await plans.FindNowAsync([.. theirs.Items.Select(item => item.PriceId)], cancellationToken) is { } plan
            ? [.. differences, new FieldDifference("planCode", null, plan.Code)]
            : differences;
    }

    private static IReadOnlyList<FieldDifference> Differences<T>(T? ours, T theirs)
        where T : class => ours is null ? [new FieldDifference(FieldDifference.Missing, null, null)] : SnapshotComparison.Compare(ours, theirs);

    // What somebody has written about a refund is about a person, and reports are kept: they say that it differed.
    private static FieldDifference WithoutReason(FieldDifference difference) =>
        difference.Field == "reason" ? difference with { Ours = null, Theirs = null } : difference;

    // Names and addresses are not written into a report, and what was erased is not taken over again.
    private static IReadOnlyList<FieldDifference> Differences(Customer? ours, PaddleCustomer theirs)
    {
        if (ours is null)
        {
            return [new FieldDifference(FieldDifference.Missing, null, null)];
        }

        var differences = new List<FieldDifference>();
        if (!ours.IsErased && ours.Email != theirs.Email)
        {
            differences.Add(new FieldDifference("email", null, null));
        }

        if (!ours.IsErased && ours.Name != theirs.Name)
        {
            differences.Add(new FieldDifference("name", null, null));
        }

        if (ours.Status != theirs.Status)
        {
            differences.Add(new FieldDifference("status", ours.Status, theirs.Status));
        }

        return differences;
    }

    private async Task<Compared> HealAsync(
        Found found,
        IReadOnlyList<FieldDifference> differences,
        Func<SnapshotOrigin, Task<MirrorOutcome>> apply,
        Func<Task<IReadOnlyList<FieldDifference>>> compareAgain,
        CancellationToken cancellationToken)
    {
        var updatedAt = OccurredAt(found.UpdatedAt);
        if (differences.Count == 0 || (found.Held is { } held && updatedAt < held.UpdatedAt))
        {
            return new Compared(found.Entity, IsDifferent: false, IsHealed: false);
        }

        var occurredAt = found.Held is { } version && version.OccurredAt >= updatedAt ? version.OccurredAt + Microsecond : updatedAt;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await apply(SnapshotOrigin.Reconciliation(found.RunId, found.PaddleId, occurredAt, timeProvider));
        await db.SaveChangesAsync(cancellationToken);
        var isHealed = (await compareAgain()).Count == 0;
        await AddAsync(found, differences, isHealed, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Compared(found.Entity, IsDifferent: true, isHealed);
    }

    private async Task AddAsync(Found found, IReadOnlyList<FieldDifference> differences, bool isHealed, CancellationToken cancellationToken)
    {
        var known = await db.ReconciliationDifferences
            .Where(row => row.RunId == found.RunId && row.Entity == found.Entity && row.PaddleId == found.PaddleId)
            .ToListAsync(cancellationToken);
        var now = timeProvider.GetUtcNow();
        foreach (var difference in differences)
        {
            if (known.Find(row => row.Field == difference.Field) is { } noted)
            {
                noted.IsHealed = isHealed;
                continue;
            }

            db.ReconciliationDifferences.Add(new ReconciliationDifference
            {
                Id = Guid.CreateVersion7(now),
                RunId = found.RunId,
                Entity = found.Entity,
                PaddleId = found.PaddleId,
                Field = difference.Field,
                Ours = difference.Ours,
                Theirs = difference.Theirs,
                IsHealed = isHealed,
                FoundAt = now,
            });
        }
    }

    private DateTimeOffset OccurredAt(DateTimeOffset? updatedAt) => (updatedAt ?? timeProvider.GetUtcNow()).Kept();

    private sealed record Found(Guid RunId, string Entity, string PaddleId, DateTimeOffset? UpdatedAt, SnapshotVersion? Held);
}

/// <summary>What came of comparing one thing.</summary>
/// <param name="Entity">What kind of thing.</param>
/// <param name="IsDifferent">Whether it was not here as it is there.</param>
/// <param name="IsHealed">Whether it is now.</param>
internal sealed record Compared(string Entity, bool IsDifferent, bool IsHealed);
