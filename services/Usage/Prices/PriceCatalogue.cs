using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Usage.Prices;

/// <summary>Prices as those who run the system change them.</summary>
/// <param name="db">Usage's database.</param>
/// <param name="book">Is told of changes.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PriceCatalogue(UsageDbContext db, PriceBook book, TimeProvider timeProvider)
{
    /// <summary>
    /// Adds a price. One without an end that holds when the new one begins is ended there, so that a change of price needs one call.
    /// </summary>
    /// <param name="terms">Valid terms.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The new price; null when it would overlap another one that has an end or begins later.</returns>
    public async Task<ModelPrice?> AddAsync(PriceTerms terms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var price = ModelPrice.Create(terms, timeProvider.GetUtcNow());
        var others = await db.ModelPrices
            .Where(other => other.Provider == terms.Provider && other.Model == terms.Model)
            .Where(other => (other.EffectiveTo == null || other.EffectiveTo > terms.EffectiveFrom)
                && (terms.EffectiveTo == null || other.EffectiveFrom < terms.EffectiveTo))
            .ToListAsync(cancellationToken);
        if (others.Count > 1 || (others.Count == 1 && (others[0].EffectiveTo is not null || !others[0].End(terms.EffectiveFrom))))
        {
            return null;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            // The end first: the database refuses two that overlap, statement by statement.
            await db.SaveChangesAsync(cancellationToken);
            db.ModelPrices.Add(price);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (IsOverlap(exception))
        {
            return null;
        }

        book.Forget();
        return price;
    }

    /// <summary>Ends a price.</summary>
    /// <param name="id">The price.</param>
    /// <param name="at">When; null: now.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The price, if there is one, and whether it ends then.</returns>
    public async Task<(ModelPrice? Price, bool IsEnded)> EndAsync(Guid id, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        if (await db.ModelPrices.SingleOrDefaultAsync(price => price.Id == id, cancellationToken) is not { } price)
        {
            return (null, false);
        }

        // Without a time it is meant to hold no longer, and one that has ended does not.
        if (at is null && price.EffectiveTo <= timeProvider.GetUtcNow())
        {
            return (price, true);
        }

        if (!price.End(ToMicroseconds((at ?? timeProvider.GetUtcNow()).ToUniversalTime())))
        {
            return (price, false);
        }

        await db.SaveChangesAsync(cancellationToken);
        book.Forget();
        return (price, true);
    }

    /// <summary>The database keeps microseconds; a price must hold in memory exactly when it does there.</summary>
    /// <param name="time">A time.</param>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    internal static bool IsOverlap(DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.ExclusionViolation };
}
