using System.Globalization;
using System.Resources;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions.Texts;

/// <summary>Says why a call is refused, in sentences that a person can be shown: what the limit is and when it is possible again.</summary>
public static class DecisionTexts
{
    private static readonly ResourceManager Texts = new("BotGeneric.Policy.Decisions.Texts.DecisionTexts", typeof(DecisionTexts).Assembly);
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");

    /// <summary>The languages of the sentences, English first.</summary>
    public static IReadOnlyList<CultureInfo> Languages { get; } = [English, CultureInfo.GetCultureInfo("ru"), CultureInfo.GetCultureInfo("uk")];

    /// <summary>The sentences for a reason.</summary>
    /// <param name="code">One of <see cref="DecisionReasons"/>.</param>
    /// <param name="language">The reader's language; another one than <see cref="Languages"/> reads English.</param>
    /// <param name="details">What they speak of.</param>
    /// <returns>One to four sentences.</returns>
    /// <exception cref="ArgumentException">The code is unknown.</exception>
    public static string Explain(string code, CultureInfo language, DecisionDetails details = default)
    {
        ArgumentNullException.ThrowIfNull(language);
        var spoken = Spoken(language);
        var sentences = new List<string>(2) { Reason(code, spoken, details) };
        if (details.ResetsAt is { } resetsAt && code is not (DecisionReasons.AccountPastDue or DecisionReasons.AccountDeleted or DecisionReasons.AccessDenied or DecisionReasons.RequestTooLarge))
        {
            var key = code switch
            {
                DecisionReasons.AccountBanned => "until",
                DecisionReasons.HeldByCalls => "reset.held",
                _ => "reset",
            };
            sentences.Add(Format(spoken, key, Duration(resetsAt - details.Now, spoken)));
        }

        return string.Join(' ', sentences);
    }

    /// <summary>A length of time in words: <c>3 hours</c>. Rounded up, so that nobody comes back too early.</summary>
    /// <param name="time">The time; not positive reads as the shortest.</param>
    /// <param name="language">The reader's language.</param>
    public static string Duration(TimeSpan time, CultureInfo language)
    {
        ArgumentNullException.ThrowIfNull(language);
        var spoken = Spoken(language);
        var seconds = (long)Math.Ceiling(Math.Max(1, time.TotalSeconds));
        return seconds switch
        {
            < 120 => Plural(spoken, "seconds", seconds),
            < 120 * 60 => Plural(spoken, "minutes", Up(seconds, 60)),
            < 48 * 60 * 60 => Plural(spoken, "hours", Up(seconds, 60 * 60)),
            _ => Plural(spoken, "days", Up(seconds, 24 * 60 * 60)),
        };
    }

    private static string Reason(string code, CultureInfo language, DecisionDetails details)
    {
        if (!DecisionReasons.All.Contains(code))
        {
            throw new ArgumentException($"'{code}' is no reason.", nameof(code));
        }

        if (code == DecisionReasons.AccessDenied)
        {
            return details.Denied is { Length: > 0 } denied ? Format(language, "access_denied.named", denied) : Text(language, code);
        }

        if (code == DecisionReasons.RequestTooLarge)
        {
            return details is { Limit: { } tooSmall, Asked: { } asked }
                ? Format(language, details.CanUpgrade ? "request_too_large.upgrade" : "request_too_large.limit", Allowance(tooSmall, details.Maximum, language), Amount(tooSmall, asked, language))
                : Text(language, code);
        }

        return details.Limit is { } limit && NamesTheLimit(code) ? Format(language, $"{code}.limit", Allowance(limit, details.Maximum, language)) : Text(language, code);
    }

    private static string Allowance(CompiledLimit limit, decimal? maximum, CultureInfo language)
    {
        var amount = Amount(limit, maximum, language);
        return limit.Window switch
        {
            LimitWindowKind.Day => Format(language, "per.day", amount),
            LimitWindowKind.Month => Format(language, "per.month", amount),
            LimitWindowKind.BillingPeriod => Format(language, "per.billingPeriod", amount),
            LimitWindowKind.Sliding => Format(language, "per.sliding", amount, Duration(limit.Length, language)),
            _ => amount,
        };
    }

    private static string Amount(CompiledLimit limit, decimal? maximum, CultureInfo language)
    {
        var value = maximum ?? Amounts.ToDecimal(limit.Kind, limit.Maximum);
        return limit switch
        {
            { Kind: LimitKind.Budget } => $"{value.ToString("#,0.##########", language)} {limit.Unit}",
            { Kind: LimitKind.Concurrency } => Plural(language, "calls", value),
            { Unit: Meters.Requests } => Plural(language, "requests", value),
            { Unit: Meters.InputTokens } => Plural(language, "input_tokens", value),
            { Unit: Meters.OutputTokens } => Plural(language, "output_tokens", value),
            _ => $"{value.ToString("#,0.##########", language)} × {limit.Unit}",
        };
    }

    private static string Plural(CultureInfo language, string key, decimal count) =>
        Format(language, $"{key}.{Form(language, count)}", count.ToString("#,0", language));

    // CLDR's rules for whole numbers.
    private static string Form(CultureInfo language, decimal count) => language.TwoLetterISOLanguageName switch
    {
        "en" => count == 1 ? "one" : "many",
        _ => (count % 10, count % 100) switch
        {
            (1, not 11) => "one",
            ( >= 2 and <= 4, not (>= 12 and <= 14)) => "few",
            _ => "many",
        },
    };

    private static bool NamesTheLimit(string code) =>
        code is DecisionReasons.RateLimited or DecisionReasons.QuotaExhausted or DecisionReasons.BudgetExhausted or DecisionReasons.TooManyAtOnce or DecisionReasons.HeldByCalls;

    private static long Up(long seconds, long unit) => (seconds + unit - 1) / unit;

    private static CultureInfo Spoken(CultureInfo language) =>
        Languages.FirstOrDefault(spoken => spoken.TwoLetterISOLanguageName == language.TwoLetterISOLanguageName) ?? English;

    private static string Format(CultureInfo language, string key, params object[] values) => string.Format(language, Text(language, key), values);

    private static string Text(CultureInfo language, string key) =>
        Texts.GetString(key, language) ?? throw new MissingManifestResourceException($"There is no text '{key}'.");
}
