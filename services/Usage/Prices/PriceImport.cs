using System.Text.Json;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Prices;

/// <summary>What became of a model of an imported list.</summary>
public enum ImportOutcome
{
    /// <summary>It had no price, and has one now.</summary>
    Created,

    /// <summary>Its price ends, and the new one begins.</summary>
    Replaced,

    /// <summary>It has this price already.</summary>
    Unchanged,

    /// <summary>It is not billed by tokens, or the import was for other providers.</summary>
    Skipped,

    /// <summary>It cannot be imported; the note says why.</summary>
    Invalid,
}

/// <summary>What became of a model of an imported list.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The model.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Note">Why, or what was done to the figures.</param>
public sealed record ImportedModel(string Provider, string Model, ImportOutcome Outcome, string? Note);

/// <summary>Takes prices over from LiteLLM's list.</summary>
/// <param name="db">Usage's database.</param>
/// <param name="book">Is told of changes.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PriceImport(UsageDbContext db, PriceBook book, TimeProvider timeProvider)
{
    /// <summary>The currency of LiteLLM's list.</summary>
    private const string Currency = "USD";

    /// <summary>Imports a list, whole or, when the database refuses it, not at all.</summary>
    /// <param name="list">The root of the document.</param>
    /// <param name="providers">Only these; null: all.</param>
    /// <param name="effectiveFrom">When the new prices begin.</param>
    /// <param name="source">Where the list is from.</param>
    /// <param name="isDryRun">Whether only to say what would become of it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Each model; null when somebody else changed prices at the same moment.</returns>
    public async Task<IReadOnlyList<ImportedModel>?> RunAsync(
        JsonElement list, IReadOnlySet<string>? providers, DateTimeOffset effectiveFrom, string source, bool isDryRun, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var existing = (await db.ModelPrices.Where(price => price.EffectiveTo == null || price.EffectiveTo > effectiveFrom).ToListAsync(cancellationToken))
            .ToLookup(price => (price.Provider, price.Model));
        var fresh = new List<ModelPrice>();
        List<ImportedModel> results =
            [.. LiteLlmPrices.Read(list).DistinctBy(listed => (listed.Provider, listed.Model)).Select(listed => Take(listed, providers, effectiveFrom, source, existing, fresh))];
        if (isDryRun)
        {
            return results;
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
            db.ModelPrices.AddRange(fresh);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (PriceCatalogue.IsOverlap(exception))
        {
            return null;
        }

        book.Forget();
        return results;
    }

    private ImportedModel Take(
        ListedModel listed, IReadOnlySet<string>? providers, DateTimeOffset effectiveFrom, string source,
        ILookup<(string Provider, string Model), ModelPrice> existing, List<ModelPrice> fresh)
    {
        if (providers is not null && !providers.Contains(listed.Provider))
        {
            return Result(ImportOutcome.Skipped, "Not one of the providers asked for.");
        }

        if (listed.Tiers is null)
        {
            return Result(listed.IsInvalid ? ImportOutcome.Invalid : ImportOutcome.Skipped, listed.Note);
        }

        var terms = new PriceTerms(listed.Provider, listed.Model, Currency, effectiveFrom, null, source, listed.Tiers);
        if (terms.Check().Select(fault => $"{fault.Field} {fault.Error}").FirstOrDefault() is { } error)
        {
            return Result(ImportOutcome.Invalid, error);
        }

        var others = existing[(listed.Provider, listed.Model)].ToList();
        if (others is [{ EffectiveTo: null } current] && current.HoldsAt(effectiveFrom))
        {
            if (current.Currency == Currency && current.Tiers.SequenceEqual(listed.Tiers))
            {
                return Result(ImportOutcome.Unchanged, listed.Note);
            }

            if (!current.End(effectiveFrom))
            {
                return Result(ImportOutcome.Invalid, "Its present price begins at this very moment; import from a later one.");
            }
        }
        else if (others.Count > 0)
        {
            return Result(ImportOutcome.Invalid, "It has a price with an end or one that begins later; change it by hand.");
        }

        fresh.Add(ModelPrice.Create(terms, timeProvider.GetUtcNow()));
        return Result(others.Count > 0 ? ImportOutcome.Replaced : ImportOutcome.Created, listed.Note);

        ImportedModel Result(ImportOutcome outcome, string? note) => new(listed.Provider, listed.Model, outcome, note);
    }
}
