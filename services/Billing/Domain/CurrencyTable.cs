using System.Collections.Frozen;

namespace BotGeneric.Billing.Domain;

/// <summary>
/// How many decimals amounts of a currency have. The payment provider's own list (<c>GET /currencies</c>) counts where it has been read; ISO 4217 until then,
/// for the currencies that the provider sells in.
/// </summary>
/// <param name="decimals">Decimals by code; what is not named has two.</param>
public sealed class CurrencyTable(IReadOnlyDictionary<string, int> decimals)
{
    private const int Usual = 2;

    /// <summary>ISO 4217 for the currencies without two decimals that the provider sells in, or may one day.</summary>
    public static CurrencyTable Iso4217 { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["BIF"] = 0,
        ["CLP"] = 0,
        ["DJF"] = 0,
        ["GNF"] = 0,
        ["ISK"] = 0,
        ["JPY"] = 0,
        ["KMF"] = 0,
        ["KRW"] = 0,
        ["PYG"] = 0,
        ["RWF"] = 0,
        ["UGX"] = 0,
        ["VND"] = 0,
        ["VUV"] = 0,
        ["XAF"] = 0,
        ["XOF"] = 0,
        ["XPF"] = 0,
        ["BHD"] = 3,
        ["IQD"] = 3,
        ["JOD"] = 3,
        ["KWD"] = 3,
        ["LYD"] = 3,
        ["OMR"] = 3,
        ["TND"] = 3,
    });

    private readonly FrozenDictionary<string, int> _decimals = decimals.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How many decimals amounts of the currency have.</summary>
    /// <param name="currency">The ISO 4217 code.</param>
    /// <returns>0 to 4.</returns>
    public int DecimalPlaces(string currency) => _decimals.GetValueOrDefault(currency, Usual);

    /// <summary>The same, with newer knowledge.</summary>
    /// <param name="known">Decimals by code.</param>
    /// <returns>A table in which that knowledge counts.</returns>
    public CurrencyTable With(IEnumerable<KeyValuePair<string, int>> known)
    {
        var merged = new Dictionary<string, int>(_decimals, StringComparer.Ordinal);
        foreach (var (currency, places) in known)
        {
            merged[currency] = places;
        }

        return new CurrencyTable(merged);
    }
}
