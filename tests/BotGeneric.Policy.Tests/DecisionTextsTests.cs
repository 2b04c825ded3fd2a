using System.Globalization;
using System.Resources;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Tests;

/// <summary>What a person reads who is refused.</summary>
public sealed class DecisionTextsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 21, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("en", "The allowance is used up: 50 requests a day. Try again in 3 hours.")]
    [InlineData("ru", "Лимит исчерпан: 50 запросов в день. Повторите через 3 часа.")]
    [InlineData("uk", "Ліміт вичерпано: 50 запитів на день. Повторіть через 3 години.")]
    [InlineData("de", "The allowance is used up: 50 requests a day. Try again in 3 hours.")]
    public void A_used_up_quota_says_how_much_and_until_when(string language, string expected) => Assert.Equal(
        expected,
        DecisionTexts.Explain(DecisionReasons.QuotaExhausted, CultureInfo.GetCultureInfo(language), new DecisionDetails
        {
            Now = Now,
            ResetsAt = Now.AddHours(2.5),
            Limit = Limit(LimitKind.Quota, Meters.Requests, 50, LimitWindowKind.Day),
        }));

    [Theory]
    [InlineData("en", "This request needs 60 requests, and the whole limit is 50 requests a day: it can never pass. Nothing was used. Ask for less.")]
    [InlineData("ru", "Этому запросу нужно: 60 запросов; весь лимит: 50 запросов в день. Он не пройдёт никогда. Ничего не списано. Запросите меньше.")]
    [InlineData("uk", "Цьому запиту потрібно: 60 запитів; весь ліміт: 50 запитів на день. Він не пройде ніколи. Нічого не списано. Попросіть менше.")]
    public void What_can_never_pass_is_not_told_when_to_come_back(string language, string expected) => Assert.Equal(
        expected,
        DecisionTexts.Explain(DecisionReasons.RequestTooLarge, CultureInfo.GetCultureInfo(language), new DecisionDetails
        {
            Now = Now,
            ResetsAt = Now.AddHours(2.5),
            Limit = Limit(LimitKind.Quota, Meters.Requests, 50, LimitWindowKind.Day),
            Asked = 60,
        }));

    [Theory]
    [InlineData("en", "They end in 90 seconds at the latest, unless they are prolonged; try again then.")]
    [InlineData("ru", "Они завершатся не позже чем через 90 секунд, если их не продлят; повторите тогда.")]
    [InlineData("uk", "Вони завершаться не пізніше ніж через 90 секунд, якщо їх не подовжать; повторіть тоді.")]
    public void What_calls_hold_is_told_until_when_they_do_at_the_latest(string language, string expected) => Assert.EndsWith(
        expected,
        DecisionTexts.Explain(DecisionReasons.HeldByCalls, CultureInfo.GetCultureInfo(language), new DecisionDetails
        {
            Now = Now,
            ResetsAt = Now.AddSeconds(90),
            Limit = Limit(LimitKind.Quota, Meters.Requests, 50, LimitWindowKind.Day),
        }),
        StringComparison.Ordinal);

    [Fact]
    public void Every_reason_has_a_sentence_in_every_language_and_no_gap_is_left_in_it()
    {
        CompiledLimit[] limits =
        [
            Limit(LimitKind.Rate, Meters.Requests, 20, LimitWindowKind.Sliding, TimeSpan.FromMinutes(3)),
            Limit(LimitKind.Quota, Meters.InputTokens, 1, LimitWindowKind.Month),
            Limit(LimitKind.Quota, Meters.OutputTokens, 22, LimitWindowKind.BillingPeriod),
            Limit(LimitKind.Quota, "images", 1234567, LimitWindowKind.Day),
            Limit(LimitKind.Budget, "USD", 12_340_000_000, LimitWindowKind.Month),
            Limit(LimitKind.Concurrency, "calls", 2, LimitWindowKind.None),
        ];
        foreach (var language in DecisionTexts.Languages)
        {
            foreach (var reason in DecisionReasons.All)
            {
                foreach (var canUpgrade in new[] { false, true })
                {
                    Assert.All(limits, limit => Assert.DoesNotMatch("[{}]", DecisionTexts.Explain(
                        reason, language, new DecisionDetails { Now = Now, ResetsAt = Now.AddDays(4), Limit = limit, Denied = "chat", Asked = 7, CanUpgrade = canUpgrade })));
                }

                Assert.NotEmpty(DecisionTexts.Explain(reason, language));
            }
        }
    }

    [Fact]
    public void The_three_languages_have_the_same_texts()
    {
        var resources = new ResourceManager("BotGeneric.Policy.Decisions.Texts.DecisionTexts", typeof(DecisionTexts).Assembly);
        var keys = DecisionTexts.Languages.Select(language => resources
            .GetResourceSet(language.Name == "en" ? CultureInfo.InvariantCulture : language, createIfNotExists: true, tryParents: false)!
            .Cast<System.Collections.DictionaryEntry>().Select(entry => (string)entry.Key).Order(StringComparer.Ordinal).ToList()).ToList();

        Assert.Equal(keys[0], keys[1]);
        Assert.Equal(keys[0], keys[2]);
    }

    [Theory]
    [InlineData("en", 1, "1 second")]
    [InlineData("en", 119.2, "2 minutes")]
    [InlineData("en", 61, "61 seconds")]
    [InlineData("ru", 3600, "60 минут")]
    [InlineData("ru", 121, "3 минуты")]
    [InlineData("ru", 21, "21 секунду")]
    [InlineData("ru", 11, "11 секунд")]
    [InlineData("uk", 22, "22 секунди")]
    [InlineData("uk", 172800, "2 дні")]
    [InlineData("en", -5, "1 second")]
    public void Time_is_in_words_and_rounded_up(string language, double seconds, string expected) =>
        Assert.Equal(expected, DecisionTexts.Duration(TimeSpan.FromSeconds(seconds), CultureInfo.GetCultureInfo(language)));

    [Fact]
    public void Paying_helps_where_a_payment_is_missing_and_waiting_does_not() => Assert.Equal(
        "A payment is missing, so the account is on hold. Pay the open invoice to go on.",
        DecisionTexts.Explain(DecisionReasons.AccountPastDue, CultureInfo.GetCultureInfo("en"), new DecisionDetails { Now = Now, ResetsAt = Now.AddDays(1) }));

    [Fact]
    public void An_unknown_reason_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => DecisionTexts.Explain("no_idea", CultureInfo.InvariantCulture));

    private static CompiledLimit Limit(LimitKind kind, string unit, long maximum, LimitWindowKind window, TimeSpan length = default) => new()
    {
        Code = "p/l",
        Policy = "p",
        Scope = LimitScope.Plan,
        Kind = kind,
        Unit = unit,
        Maximum = maximum,
        Window = window,
        Length = length,
        Target = "a",
    };
}
