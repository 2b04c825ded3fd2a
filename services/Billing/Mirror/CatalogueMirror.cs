using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what the provider says of its catalogue, for comparison with ours: it changes no plan. Call within a database transaction, then save and commit.
/// </summary>
/// <param name="db">Billing's database.</param>
public sealed class CatalogueMirror(BillingDbContext db)
{
    private const string Active = "active";

    /// <summary>Takes over a snapshot of a product. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says; it has an id.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    /// <exception cref="JsonException">It has no id.</exception>
    public Task<MirrorOutcome> ApplyAsync(PaddleProduct entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        var entry = new CatalogueEntry
        {
            PaddleId = entity.Id ?? throw new JsonException("A product of the catalogue has an id."),
            Name = entity.Name,
            Status = entity.Status ?? Active,
            Data = JsonSerializer.Serialize(entity with { Prices = [] }, PaddleJson.Default.PaddleProduct),
            LastEventAt = origin.OccurredAt.Kept(),
        };
        return ApplyAsync(entry, cancellationToken);
    }

    /// <summary>Takes over a snapshot of a price. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    public Task<MirrorOutcome> ApplyAsync(PaddlePrice entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        var entry = new CatalogueEntry
        {
            PaddleId = entity.Id,
            ProductId = entity.ProductId,
            Name = entity.Name ?? entity.Description,
            Status = entity.Status ?? Active,
            Data = JsonSerializer.Serialize(entity, PaddleJson.Default.PaddlePrice),
            LastEventAt = origin.OccurredAt.Kept(),
        };
        return ApplyAsync(entry, cancellationToken);
    }

    private async Task<MirrorOutcome> ApplyAsync(CatalogueEntry news, CancellationToken cancellationToken)
    {
        var entry = await db.CatalogueEntries.SingleOrDefaultAsync(row => row.PaddleId == news.PaddleId, cancellationToken);
        if (entry is null)
        {
            db.CatalogueEntries.Add(news);
            return MirrorOutcome.Applied;
        }

        if (news.LastEventAt <= entry.LastEventAt)
        {
            return MirrorOutcome.Superseded;
        }

        (entry.ProductId, entry.Name, entry.Status, entry.Data, entry.LastEventAt) = (news.ProductId, news.Name, news.Status, news.Data, news.LastEventAt);
        return MirrorOutcome.Applied;
    }
}
