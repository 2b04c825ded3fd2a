using System.Globalization;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Api;

/// <summary>An exact amount of money.</summary>
/// <param name="Amount">In the currency's own unit, as text, with as many decimals as the currency has: <c>9.99</c>, <c>500</c> for JPY. Negative for what is given back.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record MoneyAmount(string Amount, string Currency)
{
    internal static MoneyAmount Of(Money money, CurrencyTable currencies) =>
        new(money.ToDecimal(currencies).ToString(CultureInfo.InvariantCulture), money.Currency);

    internal static MoneyAmount Of(long minor, string currency, CurrencyTable currencies) => Of(new Money(minor, currency), currencies);
}
