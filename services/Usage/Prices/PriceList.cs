using System.Collections.Frozen;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Prices;

/// <summary>
/// Prices by the names under which calls may be reported, put together once so that finding one allocates nothing. A model is found under the name exactly as
/// the price has it, and with the provider and a slash put in front of it or taken away. A price of any provider holds where no price of the call's own does, also for a call that
/// names no provider; one of a certain provider never holds for a call that does not name it, because others may sell a model of the same name.
/// </summary>
internal sealed class PriceList
{
    private readonly FrozenDictionary<Name, Candidate[]> _byName;

    public PriceList(IEnumerable<ModelPrice> prices) => _byName = prices
        .SelectMany(Spellings)
        .GroupBy(spelling => spelling.Name, spelling => spelling.Candidate, NameComparer.Instance)
        .ToFrozenDictionary(
            group => group.Key,
            // An exact name goes before another spelling of it; of the same spelling no two hold at once.
            group => group.OrderBy(candidate => candidate.Rank).ThenByDescending(candidate => candidate.Price.EffectiveFrom).ToArray(),
            NameComparer.Instance);

    public static PriceList Empty { get; } = new([]);

    /// <summary>Any provider; with it as the model, too, the price that holds for models without one of their own.</summary>
    public const string Any = "*";

    /// <summary>The price of calls whose model has none, or that name none; null when there is no such price.</summary>
    public ModelPrice? FindFallback(DateTimeOffset time) => Find(new Name(Any, Any), time);

    public ModelPrice? Find(string? provider, string model, DateTimeOffset time) =>
        Find(new Name(provider, model), time) ?? Find(new Name(Any, model), time) ?? (WithoutProvider(provider, model) is { } bare ? Find(new Name(Any, bare), time) : null);

    private ModelPrice? Find(Name name, DateTimeOffset time)
    {
        if (_byName.TryGetValue(name, out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (candidate.Price.HoldsAt(time))
                {
                    return candidate.Price;
                }
            }
        }

        return null;
    }

    private static string? WithoutProvider(string? provider, string model) =>
        provider is not null && model.Length > provider.Length && model[provider.Length] == '/' && model.StartsWith(provider, StringComparison.OrdinalIgnoreCase)
            ? model[(provider.Length + 1)..]
            : null;

    private static IEnumerable<(Name Name, Candidate Candidate)> Spellings(ModelPrice price)
    {
        var prefix = price.Provider + "/";
        yield return (new Name(price.Provider, price.Model), new Candidate(price, 0));
        if (price.Provider == Any)
        {
            yield break;
        }

        if (price.Model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            yield return (new Name(price.Provider, price.Model[prefix.Length..]), new Candidate(price, 1));
            yield return (new Name(null, price.Model), new Candidate(price, 0));
        }
        else
        {
            yield return (new Name(price.Provider, prefix + price.Model), new Candidate(price, 1));
            yield return (new Name(null, prefix + price.Model), new Candidate(price, 1));
        }
    }

    private readonly record struct Name(string? Provider, string Model);

    private readonly record struct Candidate(ModelPrice Price, int Rank);

    // Providers are reported in any case; a model's name is the provider's own and compared as it is.
    private sealed class NameComparer : IEqualityComparer<Name>
    {
        public static NameComparer Instance { get; } = new();

        public bool Equals(Name x, Name y) =>
            string.Equals(x.Model, y.Model, StringComparison.Ordinal) && string.Equals(x.Provider, y.Provider, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(Name obj) => HashCode.Combine(
            obj.Provider is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Provider), StringComparer.Ordinal.GetHashCode(obj.Model));
    }
}
