using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Catalogue;

/// <summary>What this process knows of currencies: ISO 4217 at first, and the payment provider's own list once that has been read.</summary>
public sealed class Currencies
{
    private volatile CurrencyTable _table = CurrencyTable.Iso4217;

    /// <summary>The present knowledge.</summary>
    public CurrencyTable Table => _table;

    /// <summary>Takes over the provider's list.</summary>
    /// <param name="decimals">Decimals by code.</param>
    public void Learn(IEnumerable<KeyValuePair<string, int>> decimals) => _table = CurrencyTable.Iso4217.With(decimals);
}
