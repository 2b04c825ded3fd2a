using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>One account takes no more of the memory that all share, and of the time of a script, than it may.</summary>
public sealed class HoldBoundsTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private const string ByDay = "Plan:llm.requests:Day";

    [Fact]
    public async Task An_account_holds_no_more_calls_at_once_than_one_may_and_is_told_so()
    {
        var rig = new Rig(application, new DecisionOptions { HoldsAtOnce = 5 });
        rig.Limit(Quota(1_000));

        var decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => rig.AskAsync(Requests())));
        var refused = decisions.Where(decision => !decision.IsAllowed).ToList();
        var standing = await rig.StandingAsync(ByDay);
        await rig.Holds.ReleaseAsync(rig.Account, decisions.First(decision => decision.IsAllowed).HoldId!.Value);

        Assert.Equal(15, refused.Count);
        Assert.All(refused, decision => Assert.Equal((DecisionReasons.TooManyHolds, 5L), (decision.Reason, decision.Limits.Single().Held)));
        Assert.Equal(5, standing.Held);
        Assert.True((await rig.AskAsync(Requests())).IsAllowed);
        Assert.False((await rig.AskAsync(Requests())).IsAllowed);
    }

    [Fact]
    public async Task A_hold_that_credits_cover_counts_among_them()
    {
        var rig = new Rig(application, new DecisionOptions { HoldsAtOnce = 2 });
        var grant = new BotGeneric.Policy.Compilation.CompiledGrant(Guid.CreateVersion7(), Output, 1_000, DateTimeOffset.UnixEpoch, null);
        rig.Compile(subject => new BotGeneric.Policy.Compilation.CompiledAccount { Subject = subject, Limits = [Quota(1, Output)], Grants = [grant] });

        var allowed = new List<bool>();
        for (var call = 0; call < 3; call++)
        {
            allowed.Add((await rig.AskAsync(Tokens(5))).IsAllowed);
        }

        Assert.Equal([true, true, false], allowed);
    }

    [Fact]
    public async Task Finished_holds_beyond_what_is_remembered_are_forgotten_early_and_first_those_that_count_nothing()
    {
        var rig = new Rig(application, new DecisionOptions { HoldsRemembered = 10 });
        rig.Limit(Quota(1_000));
        var committed = (await rig.AskAsync(Requests())).HoldId!.Value;
        await rig.CommitAsync(committed, "e1", Requests());
        var released = new List<Guid>();
        for (var call = 0; call < 30; call++)
        {
            released.Add((await rig.AskAsync(Requests())).HoldId!.Value);
            await rig.Holds.ReleaseAsync(rig.Account, released[^1]);
        }

        var inspection = await rig.Counters.InspectAsync(rig.Account, repair: false);

        Assert.Equal((10, 0), (inspection.Known, inspection.Differences));
        Assert.Equal(HoldOutcome.Unknown, (await rig.Holds.LookAsync(rig.Account, released[0])).Outcome);
        Assert.Equal(HoldStates.Released, (await rig.Holds.LookAsync(rig.Account, released[^1])).State);
        Assert.Equal(HoldOutcome.Repeated, (await rig.CommitAsync(committed, "e1", Requests())).Outcome);
        Assert.Equal(1, (await rig.StandingAsync(ByDay)).Used);
    }

    [Fact]
    public async Task Where_all_that_are_remembered_still_count_the_oldest_goes_and_the_counters_stay_right()
    {
        var rig = new Rig(application, new DecisionOptions { HoldsRemembered = 3 });
        rig.Limit(Quota(1_000));
        for (var call = 0; call < 8; call++)
        {
            await rig.CommitAsync((await rig.AskAsync(Requests())).HoldId!.Value, "e1", Requests());
        }

        var inspection = await rig.Counters.InspectAsync(rig.Account, repair: false);

        Assert.Equal((3, 0), (inspection.Known, inspection.Differences));
        Assert.Equal(3, (await rig.StandingAsync(ByDay)).Used);
    }

    [Fact]
    public async Task Holds_that_end_by_the_hundred_are_swept_in_steps_and_each_is_over_all_the_same()
    {
        var rig = new Rig(application);
        rig.Limit(Quota(1_000));
        var holds = (await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => rig.AskAsync(TimeSpan.FromSeconds(30), "chat", Requests()))))
            .Select(decision => decision.HoldId!.Value).ToList();

        rig.Pass(TimeSpan.FromMinutes(1));
        await rig.StandingAsync(ByDay);
        var left = await LiveAsync(rig);
        var states = await Task.WhenAll(holds.TakeLast(5).Select(hold => rig.Holds.LookAsync(rig.Account, hold)));
        await rig.StandingAsync(ByDay);
        await rig.StandingAsync(ByDay);

        Assert.InRange(left, 250, 350);
        Assert.All(states, status => Assert.Equal(HoldStates.Expired, status.State));
        Assert.Equal(0, (await rig.StandingAsync(ByDay)).Held);
        Assert.Equal(0, (await rig.Counters.InspectAsync(rig.Account, repair: false)).Differences);
    }

    [Fact]
    public async Task An_account_with_more_holds_than_can_be_compared_in_a_moment_is_not_compared_and_says_so()
    {
        var rig = new Rig(application);
        rig.Limit(Quota(1_000_000));
        await Task.WhenAll(Enumerable.Range(0, 2_100).Select(_ => rig.AskAsync(TimeSpan.FromSeconds(30), "chat", Requests())));

        await Assert.ThrowsAsync<TooManyHoldsException>(() => rig.Counters.InspectAsync(rig.Account, repair: true));
        rig.Pass(TimeSpan.FromMinutes(1));
        for (var step = 0; step < 11; step++)
        {
            await rig.StandingAsync(ByDay);
        }

        var inspection = await rig.Counters.InspectAsync(rig.Account, repair: true);
        Assert.Equal((0, 2_100, 0), (inspection.Live, inspection.Known, inspection.Differences));
    }

    [Fact]
    public async Task Meters_that_no_limit_counts_are_granted_and_not_kept()
    {
        var rig = new Rig(application);
        rig.Limit(Quota(1_000), Quota(10, "images"));

        var decision = await rig.AskAsync(new UnitAmount("foo", 3, 3), Requests(), new UnitAmount("images", 2, 2));
        var hold = await rig.Holds.LookAsync(rig.Account, decision.HoldId!.Value);
        await rig.CommitAsync(decision.HoldId!.Value, "e1", new UnitAmount("foo", 1, 1), Requests(), new UnitAmount("images", 1, 1));

        Assert.Equal(3, decision.Granted.Single(amount => amount.Unit == "foo").Need);
        Assert.Equal(["images", BotGeneric.Contracts.Meters.Requests], hold.Units.Select(unit => unit.Unit).Order(StringComparer.Ordinal));
        Assert.Equal(1, (await rig.StandingAsync("Plan:images:Day")).Used);
    }

    private Task<long> LiveAsync(Rig rig) =>
        application.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().SortedSetLengthAsync(AccountLayout.TargetKey(AccountLayout.SlotOf(rig.Account), "x"));
}
