using BotGeneric.Billing.Domain;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using CsCheck;

namespace BotGeneric.Billing.Tests;

public sealed class SubscriptionTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    [Fact]
    public void Any_order_and_repetition_of_snapshots_ends_in_the_latest()
    {
        var snapshot = Gen.Select(Gen.Int[0, 30], Gen.Enum<SubscriptionStatus>().Where(status => status != SubscriptionStatus.Unknown));

        snapshot.Array[1, 12].Select(Gen.Int[0, int.MaxValue]).Sample((history, seed) =>
        {
            // One status for a moment: what the provider says of one moment does not differ between deliveries.
            var moments = history.DistinctBy(entry => entry.Item1).Select(entry => At(entry.Item1, entry.Item2)).ToArray();
            var deliveries = moments.Concat(moments).ToArray();
            new Random(seed).Shuffle(deliveries);

            var subscription = Apply(deliveries);

            var latest = moments.MaxBy(moment => moment.Version);
            return subscription.State.Status == latest.Status && subscription.LastEventAt == latest.Version.OccurredAt;
        });
    }

    [Theory]
    [InlineData(SubscriptionStatus.Trialing, true)]
    [InlineData(SubscriptionStatus.Active, true)]
    [InlineData(SubscriptionStatus.PastDue, true)]
    [InlineData(SubscriptionStatus.Paused, false)]
    [InlineData(SubscriptionStatus.Canceled, false)]
    public void A_status_grants_access_or_does_not(SubscriptionStatus status, bool grants) =>
        Assert.Equal(grants, Derive([At(0, status)], Start).GrantsAccess);

    [Theory]
    [InlineData(SubscriptionStatus.Active, true)]
    [InlineData(SubscriptionStatus.Canceled, false)]
    public void An_unknown_status_leaves_access_as_it_was_whichever_was_heard_first(SubscriptionStatus before, bool grants)
    {
        Assert.Equal(grants, Derive([At(0, before), At(1, SubscriptionStatus.Unknown)], Start.AddDays(1)).GrantsAccess);
        Assert.Equal(grants, Derive([At(1, SubscriptionStatus.Unknown), At(0, before)], Start.AddDays(1)).GrantsAccess);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void Grace_counts_from_when_the_missing_payment_was_first_heard_of(int days, bool grants)
    {
        var subscription = Derive([At(9, SubscriptionStatus.PastDue), At(0, SubscriptionStatus.PastDue), At(3, SubscriptionStatus.PastDue)], Start.AddDays(days));

        Assert.Equal((Start, Start + Grace, grants), (subscription.PastDueSince, subscription.GraceEndsAt, subscription.GrantsAccess));
    }

    [Fact]
    public void A_second_missing_payment_has_a_grace_of_its_own()
    {
        var subscription = Derive([At(0, SubscriptionStatus.PastDue), At(2, SubscriptionStatus.Active), At(30, SubscriptionStatus.PastDue)], Start.AddDays(30));

        Assert.Equal((Start.AddDays(30), true), (subscription.PastDueSince, subscription.GrantsAccess));
    }

    [Theory]
    [InlineData(SubscriptionStatus.Active, SubscriptionStatus.Canceled)]
    [InlineData(SubscriptionStatus.Canceled, SubscriptionStatus.Active)]
    public void Of_two_snapshots_of_one_moment_the_one_nearer_to_the_end_holds(SubscriptionStatus first, SubscriptionStatus second) =>
        Assert.Equal(SubscriptionStatus.Canceled, Apply(At(0, first), At(0, second)).State.Status);

    [Fact]
    public void An_older_snapshot_inside_the_same_microsecond_does_not_win()
    {
        var newer = new Moment(SnapshotVersion.Of(Start.AddTicks(9), Start, (int)SubscriptionStatus.Canceled, "evt_1"), SubscriptionStatus.Canceled);
        var older = new Moment(SnapshotVersion.Of(Start.AddTicks(2), Start, (int)SubscriptionStatus.Active, "evt_2"), SubscriptionStatus.Active);

        Assert.Equal(SubscriptionStatus.Canceled, Apply(newer, older).State.Status);
    }

    [Fact]
    public void A_subscription_without_a_plan_takes_one_up_once()
    {
        var pro = Pro();
        var subscription = Track();
        var moment = At(0, SubscriptionStatus.Active);
        subscription.Apply(moment.Version, State(moment.Status), plan: null);
        var before = subscription.Revision;

        Assert.True(subscription.Adopt(pro));
        Assert.False(subscription.Adopt(pro));

        Assert.Equal(("pro", true), (subscription.PlanCode, subscription.Revision > before));
        Assert.Equal(1000, Assert.Single(subscription.Entitlements).Limit);
    }

    [Fact]
    public void A_subscriber_keeps_the_version_of_the_plan_that_was_bought_until_moved()
    {
        var plan = Pro();
        var subscription = Track();
        subscription.Apply(At(0, SubscriptionStatus.Active).Version, State(SubscriptionStatus.Active), plan);

        Assert.True(plan.Revise(Terms(limit: 10)));
        subscription.Apply(At(1, SubscriptionStatus.Active).Version, State(SubscriptionStatus.Active), plan);

        Assert.Equal((2, 1), (plan.Version, subscription.PlanVersion));
        Assert.Equal(1000, Assert.Single(subscription.Entitlements).Limit);
        Assert.True(subscription.MoveToVersion(plan));
        Assert.Equal(10, Assert.Single(subscription.Entitlements).Limit);
    }

    [Fact]
    public void A_subscriber_is_not_moved_back_to_a_version_before()
    {
        var (before, plan) = (Pro(), Pro());
        Assert.True(plan.Revise(Terms(limit: 10)));
        var subscription = Track();
        subscription.Apply(At(0, SubscriptionStatus.Active).Version, State(SubscriptionStatus.Active), plan);

        Assert.False(subscription.MoveToVersion(before));

        Assert.Equal((2, 10), (subscription.PlanVersion, Assert.Single(subscription.Entitlements).Limit));
    }

    [Fact]
    public void Repeating_the_terms_of_a_plan_makes_no_version()
    {
        var plan = Pro();

        Assert.False(plan.Revise(Terms(limit: 1000)));
        Assert.Equal(1, plan.Version);
    }

    [Fact]
    public void A_canceled_or_moved_subscription_is_no_primary_one()
    {
        var canceled = Apply(At(0, SubscriptionStatus.Active));
        canceled.MakePrimary(true);
        canceled.Apply(At(1, SubscriptionStatus.Canceled).Version, State(SubscriptionStatus.Canceled), Pro());
        var moved = Apply(At(0, SubscriptionStatus.Active));
        moved.MakePrimary(true);
        moved.MoveTo(Guid.CreateVersion7(), isLinked: true);

        Assert.False(canceled.IsPrimary);
        Assert.False(moved.IsPrimary);
    }

    private static Plan Pro() => Plan.Create("pro", Terms(limit: 1000), new PlanListing());

    private static PlanTerms Terms(long limit) =>
        new(Plan.DefaultProduct, new LocalizedText("Pro"), null, [], [new Entitlement(Meters.Requests, LimitWindows.Day, limit)], null);

    private static Subscription Derive(Moment[] moments, DateTimeOffset now)
    {
        var subscription = Apply(moments);
        var timeline = moments.Select(moment => new SubscriptionTimelineEntry
        {
            EventId = moment.Version.EventId,
            SubscriptionPaddleId = "sub_1",
            EventType = "subscription.updated",
            OccurredAt = moment.Version.OccurredAt,
            UpdatedAt = moment.Version.UpdatedAt,
            Status = moment.Status,
            RecordedAt = now,
        });
        subscription.Derive(SubscriptionCircumstances.Of(subscription, timeline, [], [], Grace), now);
        return subscription;
    }

    private static Subscription Apply(params Moment[] moments)
    {
        var (subscription, plan) = (Track(), Pro());
        foreach (var moment in moments)
        {
            subscription.Apply(moment.Version, State(moment.Status), plan);
        }

        return subscription;
    }

    private static Subscription Track() => Subscription.Track(Guid.CreateVersion7(), "sub_1", "ctm_1", Guid.CreateVersion7(), isLinked: true);

    private static Moment At(int day, SubscriptionStatus status) =>
        new(SnapshotVersion.Of(Start.AddDays(day), Start.AddDays(day), (int)status, $"evt_{day}_{status}"), status);

    private static SubscriptionState State(SubscriptionStatus status) => SubscriptionState.Unknown with { Status = status, RawStatus = status.ToString() };

    private readonly record struct Moment(SnapshotVersion Version, SubscriptionStatus Status);
}
