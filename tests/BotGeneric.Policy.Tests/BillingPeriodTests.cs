using System.Globalization;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Tests;

public sealed class BillingPeriodTests
{
    private static readonly Guid Person = Guid.Parse("0192f0c1-0000-7000-8000-000000000002");
    private static readonly CompilerSettings Settings = new([], FailureMode.Deny, 0);

    [Theory]
    [InlineData("2026-02-14", "2026-02-15")]
    [InlineData("2026-02-15", "2026-03-15")]
    [InlineData("2026-03-20", "2026-04-15")]
    public void A_billing_period_goes_on_until_the_next_one_is_paid(string at, string expectedReset)
    {
        var plan = PlanGrant.From(Changes.Of(Person, Utc("2026-01-15"), 1000) with
        {
            CurrentPeriodStart = Utc("2026-02-15"),
            CurrentPeriodEnd = Utc("2026-03-15"),
            PaidPeriodStart = Utc("2026-01-15"),
            PaidPeriodEnd = Utc("2026-02-15"),
        });

        var account = PolicyCompiler.Compile(new PolicySubject(Person, Person, null), SubjectFacts.None with { Plans = [plan] }, [], Settings, Utc(at)).Account;
        var window = CountedWindow.Of(LimitWindowKind.BillingPeriod, Utc(at), account.Period);

        Assert.Equal((Utc("2026-01-15"), DateTimeOffset.MaxValue, Utc(expectedReset)), (window.Start, window.End, window.ResetsAt));
    }

    [Theory]
    [InlineData("2026-02-10T10:20:00Z", "2026-02-10T10:00:00Z")]
    [InlineData("2026-02-15T10:20:00Z", "2026-02-15T10:00:00Z")]
    [InlineData("2026-02-15T10:40:00Z", "2026-02-15T10:30:00Z")]
    [InlineData("2026-03-15T10:40:00Z", "2026-03-15T10:30:00Z")]
    public void Usage_of_a_period_that_is_not_paid_yet_is_told_apart_from_its_first_moment(string at, string expectedBucket)
    {
        var period = new BillingPeriod(Moment("2026-01-15T10:30:00Z"), Moment("2026-02-15T10:30:00Z"));

        Assert.Equal(Moment(expectedBucket), UsageBucket.StartOf(Moment(at), period));
    }

    [Theory]
    [InlineData("2026-01-31", "2026-02-28", "2026-02-10", "2026-01-31", "2026-02-28")]
    [InlineData("2026-01-31", "2026-02-28", "2026-03-15", "2026-02-28", "2026-03-31")]
    [InlineData("2026-01-10", "2027-01-10", "2028-01-10", "2028-01-10", "2029-01-10")]
    [InlineData("2026-01-01", "2026-01-08", "2026-01-30", "2026-01-29", "2026-02-05")]
    [InlineData("2026-03-31", "2026-04-30", "2026-02-28", "2026-02-28", "2026-03-31")]
    [InlineData("2026-03-10", "2026-04-10", "2025-12-09", "2025-11-10", "2025-12-10")]
    public void Billing_periods_before_and_after_a_known_one_are_as_long(string start, string end, string at, string expectedStart, string expectedEnd) => Assert.Equal(
        new BillingPeriod(Utc(expectedStart), Utc(expectedEnd)), BillingPeriods.Containing(new BillingPeriod(Utc(start), Utc(end)), Utc(at)));

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Utc(string day) => new(DateOnly.Parse(day, CultureInfo.InvariantCulture), TimeOnly.MinValue, TimeSpan.Zero);
}
