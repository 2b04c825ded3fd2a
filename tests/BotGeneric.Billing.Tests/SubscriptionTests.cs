using BotGeneric.Billing.Domain;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using CsCheck;

namespace BotGeneric.Billing.Tests;

public sealed class SubscriptionTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Plan Pro = Plan.Create("pro", new PlanTerms("Pro", [new Entitlement(Meters.Requests, LimitWindows.Day, 1000)], ["pri_1"]));

    [Fact]
    public void Any_order_and_repetition_of_snapshots_ends_in_the_latest()
    {
        var snapshot = Gen.Select(Gen.Int[0, 30], Gen.Enum<SubscriptionStatus>().Where(status => status != SubscriptionStatus.Unknown))
            .Select((day, status) => (day, status));

        snapshot.Array[1, 12].Select(Gen.Int[0, int.MaxValue]).Sample((history, seed) =>
        {
            // One status for a moment: what the provider says of one moment does not differ between deliveries.
            var moments = history.DistinctBy(entry => entry.day).Select(entry => At(entry.day, entry.status)).ToArray();
            var deliveries = moments.Concat(moments).ToArray();
            new Random(seed).Shuffle(deliveries);

            var subscription = Apply(deliveries);

            var latest = moments.MaxBy(moment => moment.OccurredAt)!;
            return subscription.Status == latest.Status && subscription.LastEventAt == latest.OccurredAt;
        });
    }

    [Theory]
    [InlineData(SubscriptionStatus.Trialing, true)]
    [InlineData(SubscriptionStatus.Active, true)]
    [InlineData(SubscriptionStatus.PastDue, true)]
    [InlineData(SubscriptionStatus.Paused, false)]
    [InlineData(SubscriptionStatus.Canceled, false)]
    public void A_status_grants_access_or_does_not(SubscriptionStatus status, bool grants) =>
        Assert.Equal(grants, Apply(At(0, status)).GrantsAccess);

    [Theory]
    [InlineData(SubscriptionStatus.Active, true)]
    [InlineData(SubscriptionStatus.Canceled, false)]
    public void An_unknown_status_leaves_access_as_it_was(SubscriptionStatus before, bool grants) =>
        Assert.Equal(grants, Apply(At(0, before), At(1, SubscriptionStatus.Unknown)).GrantsAccess);

    [Theory]
    [InlineData(SubscriptionStatus.Active, SubscriptionStatus.Canceled)]
    [InlineData(SubscriptionStatus.Canceled, SubscriptionStatus.Active)]
    public void Of_two_snapshots_of_one_moment_the_one_nearer_to_the_end_holds(SubscriptionStatus first, SubscriptionStatus second) =>
        Assert.Equal(SubscriptionStatus.Canceled, Apply(At(0, first), At(0, second)).Status);

    [Fact]
    public void An_older_snapshot_inside_the_same_microsecond_does_not_win()
    {
        var newer = At(0, SubscriptionStatus.Canceled) with { OccurredAt = Start.AddTicks(9) };
        var older = At(0, SubscriptionStatus.Active) with { OccurredAt = Start.AddTicks(2) };

        Assert.Equal(SubscriptionStatus.Canceled, Apply(newer, older).Status);
    }

    [Fact]
    public void A_subscription_without_a_plan_takes_one_up_once()
    {
        var subscription = Track();
        subscription.Apply(At(0, SubscriptionStatus.Active), plan: null);
        var before = subscription.Revision;

        Assert.True(subscription.Adopt(Pro));
        Assert.False(subscription.Adopt(Pro));

        Assert.Equal(("pro", before + 1), (subscription.PlanCode, subscription.Revision));
        Assert.Equal(1000, Assert.Single(subscription.Entitlements).Limit);
    }

    [Fact]
    public void A_subscriber_keeps_the_version_of_the_plan_that_was_bought()
    {
        var plan = Plan.Create("pro", new PlanTerms("Pro", [new Entitlement(Meters.Requests, LimitWindows.Day, 1000)], ["pri_1"]));
        var subscription = Track();
        subscription.Apply(At(0, SubscriptionStatus.Active), plan);

        Assert.True(plan.Revise(new PlanTerms("Pro", [new Entitlement(Meters.Requests, LimitWindows.Day, 10)], ["pri_1"])));
        subscription.Apply(At(1, SubscriptionStatus.Active), plan);

        Assert.Equal(2, plan.Version);
        Assert.Equal(1, subscription.PlanVersion);
        Assert.Equal(1000, Assert.Single(subscription.Entitlements).Limit);
    }

    [Fact]
    public void Repeating_the_terms_of_a_plan_makes_no_version()
    {
        var terms = new PlanTerms("Pro", [new Entitlement(Meters.Requests, LimitWindows.Day, 1000)], ["pri_1", "pri_2"]);
        var plan = Plan.Create("pro", terms);

        Assert.False(plan.Revise(terms with { PaddlePriceIds = ["pri_2", "pri_1"] }));
        Assert.Equal(1, plan.Version);
    }

    private static Subscription Apply(params SubscriptionSnapshot[] snapshots)
    {
        var subscription = Track();
        foreach (var snapshot in snapshots)
        {
            subscription.Apply(snapshot, Pro);
        }

        return subscription;
    }

    private static Subscription Track() => Subscription.Track(Guid.CreateVersion7(), "sub_1", Guid.CreateVersion7());

    private static SubscriptionSnapshot At(int day, SubscriptionStatus status) =>
        new(Start.AddDays(day), status, status.ToString(), ["pri_1"], Start, Start.AddMonths(1));
}
