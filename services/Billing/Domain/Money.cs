namespace BotGeneric.Billing.Domain;

/// <summary>
/// An exact amount in the smallest unit of its currency, as the payment provider counts it: 1000 USD are $10.00, 100 JPY are ¥100. How many decimals a
/// currency has is asked when an amount is shown, never when it is kept, so a wrong answer cannot change what was paid.
/// </summary>
/// <param name="Minor">The amount in the smallest unit; negative for what is given back.</param>
/// <param name="Currency">The ISO 4217 code, three capital letters.</param>
public readonly record struct Money(long Minor, string Currency)
{
    /// <summary>The amount as people write it.</summary>
    /// <param name="currencies">Knows the decimals.</param>
    /// <returns>Such as 10.00 for 1000 USD, with as many decimals as the currency has.</returns>
    public decimal ToDecimal(CurrencyTable currencies)
    {
        ArgumentNullException.ThrowIfNull(currencies);
        var decimals = currencies.DecimalPlaces(Currency);
        return new decimal(1, 0, 0, false, (byte)decimals) * Minor;
    }

    /// <summary>Reads an amount as people write it.</summary>
    /// <param name="amount">Such as 10.00.</param>
    /// <param name="currency">The ISO 4217 code.</param>
    /// <param name="currencies">Knows the decimals.</param>
    /// <returns>The amount; null when it has more decimals than the currency, or does not fit.</returns>
    public static Money? FromDecimal(decimal amount, string currency, CurrencyTable currencies)
    {
        ArgumentNullException.ThrowIfNull(currencies);
        for (var place = currencies.DecimalPlaces(currency); place > 0; place--)
        {
            if (Math.Abs(amount) > decimal.MaxValue / 10)
            {
                return null;
            }

            amount *= 10;
        }

        return amount == decimal.Truncate(amount) && Math.Abs(amount) <= long.MaxValue ? new Money((long)amount, currency) : null;
    }
}
