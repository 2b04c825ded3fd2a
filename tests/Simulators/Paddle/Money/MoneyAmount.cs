using System.Globalization;
using System.Text.Json.Serialization;

namespace BotGeneric.Simulators.Paddle.Money;

/// <summary>Money of the wire: a whole number of the currency's smallest unit, as text.</summary>
/// <param name="Amount">The number.</param>
/// <param name="CurrencyCode">ISO 4217.</param>
[method: JsonConstructor]
internal sealed record MoneyAmount(string Amount, string CurrencyCode)
{
    public MoneyAmount(long amount, string currencyCode)
        : this(Minor.Text(amount), currencyCode)
    {
    }

    [JsonIgnore]
    public long Value => long.Parse(Amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}

/// <summary>Amounts in smallest units.</summary>
internal static class Minor
{
    public static string Text(long amount) => amount.ToString(CultureInfo.InvariantCulture);

    public static long Round(decimal amount) => (long)Math.Round(amount, MidpointRounding.AwayFromZero);
}

/// <summary>A length of time: <c>day</c>, <c>week</c>, <c>month</c> or <c>year</c>, so many times.</summary>
/// <param name="Interval">The unit.</param>
/// <param name="Frequency">How many.</param>
internal sealed record TimePeriod(string Interval, int Frequency)
{
    public static readonly string[] Intervals = ["day", "week", "month", "year"];

    /// <summary>The end of a period that starts at a time.</summary>
    /// <param name="start">The time.</param>
    /// <param name="anchorDay">The day of the month on which it was first billed: after a short month it returns to that day.</param>
    public DateTimeOffset After(DateTimeOffset start, int anchorDay)
    {
        switch (Interval)
        {
            case "day":
                return start.AddDays(Frequency);
            case "week":
                return start.AddDays(7 * Frequency);
            default:
                var next = start.AddMonths(Interval == "year" ? 12 * Frequency : Frequency);
                var day = Math.Min(anchorDay, DateTime.DaysInMonth(next.Year, next.Month));
                return next.AddDays(day - next.Day);
        }
    }
}

/// <summary>From when to when.</summary>
/// <param name="StartsAt">The first moment.</param>
/// <param name="EndsAt">The first moment after it.</param>
internal sealed record BillingPeriod(DateTimeOffset StartsAt, DateTimeOffset EndsAt);
