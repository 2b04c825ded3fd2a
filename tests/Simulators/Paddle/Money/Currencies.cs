namespace BotGeneric.Simulators.Paddle.Money;

/// <summary>A currency that can be paid in.</summary>
/// <param name="Code">ISO 4217.</param>
/// <param name="DecimalPlaces">Digits after the decimal point: 0 or 2.</param>
/// <param name="PerDollar">A fixed rate, so that conversions are the same in every run.</param>
/// <param name="MinimumPaymentAmount">The least that can be charged, in smallest units: about 70 US cents.</param>
internal sealed record Currency(string Code, int DecimalPlaces, decimal PerDollar, long MinimumPaymentAmount);

/// <summary>The currencies that Paddle lists.</summary>
internal static class Currencies
{
    private const decimal MinimumDollars = 0.70m;

    public static IReadOnlyList<Currency> All { get; } =
    [
        Of("USD", 1m), Of("EUR", 0.92m), Of("GBP", 0.79m), Of("JPY", 150m, 0), Of("AUD", 1.5m), Of("CAD", 1.37m), Of("CHF", 0.88m), Of("HKD", 7.8m),
        Of("SGD", 1.34m), Of("SEK", 10.5m), Of("ARS", 900m), Of("BRL", 5m), Of("CLP", 940m, 0), Of("CNY", 7.2m), Of("COP", 4000m), Of("CZK", 23m),
        Of("DKK", 6.9m), Of("HUF", 360m), Of("ILS", 3.7m), Of("INR", 83m), Of("KRW", 1350m, 0), Of("MXN", 17m), Of("NOK", 10.7m), Of("NZD", 1.65m),
        Of("PEN", 3.7m), Of("PLN", 4m), Of("RUB", 92m), Of("THB", 36m), Of("TRY", 32m), Of("TWD", 32m), Of("UAH", 40m), Of("VND", 25000m, 0),
        Of("ZAR", 18.5m),
    ];

    public static Currency? Find(string? code) => All.FirstOrDefault(currency => currency.Code == code);

    /// <summary>The same value in another currency.</summary>
    public static long Convert(long amount, string from, string to)
    {
        if (from == to)
        {
            return amount;
        }

        var (source, target) = (Find(from)!, Find(to)!);
        return Minor.Round(amount / Scale(source) / source.PerDollar * target.PerDollar * Scale(target));
    }

    /// <summary>As a person reads it, such as <c>USD 12.34</c>.</summary>
    public static string Format(long amount, string code)
    {
        var currency = Find(code)!;
        var value = amount / Scale(currency);
        return code switch
        {
            "USD" => FormattableString.Invariant($"{(amount < 0 ? "-" : string.Empty)}${Math.Abs(value):#,##0.00}"),
            _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{code} {value.ToString(currency.DecimalPlaces == 0 ? "#,##0" : "#,##0.00", System.Globalization.CultureInfo.InvariantCulture)}"),
        };
    }

    private static decimal Scale(Currency currency) => currency.DecimalPlaces == 0 ? 1m : 100m;

    private static Currency Of(string code, decimal perDollar, int decimalPlaces = 2) =>
        new(code, decimalPlaces, perDollar, Minor.Round(MinimumDollars * perDollar * (decimalPlaces == 0 ? 1m : 100m)));
}
