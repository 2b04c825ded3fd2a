using System.Diagnostics.Metrics;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The node of a cluster that has the limits of everybody is dead, and the accounts' own are counted.</summary>
public sealed class PlatformAwayTests(ClusterApplication application) : IClassFixture<ClusterApplication>
{
    private const int Slots = 16_384;

    private int Dead => NodeOf(AccountLayout.PlatformSlot);

    [Fact]
    public async Task What_is_let_pass_of_everybody_is_given_back_when_the_account_refuses_the_call_after_all()
    {
        var platform = OfPlatform(FailureMode.AllowThenDeny, allowWhileDown: 3);
        var (used, free) = (RigElsewhere(), RigElsewhere());
        used.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(1)], PlatformLimits = [platform] });
        free.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(100)], PlatformLimits = [platform] });
        await KillAsync();

        var refused = new List<Decision>();
        Assert.True((await used.AskAsync(Requests())).IsAllowed);
        for (var call = 0; call < 5; call++)
        {
            refused.Add(await used.AskAsync(Requests()));
        }

        var rest = new List<Decision>();
        for (var call = 0; call < 4; call++)
        {
            rest.Add(await free.AskAsync(Requests()));
        }

        Assert.All(refused, decision => Assert.Equal((false, DecisionReasons.HeldByCalls), (decision.IsAllowed, decision.Reason)));
        // One of three was let pass before.
        Assert.Equal([true, true, false, false], rest.Select(decision => decision.IsAllowed));
        Assert.Equal(DecisionReasons.LimitsUnavailable, rest[^1].Reason);
    }

    [Fact]
    public async Task A_hold_that_is_given_meanwhile_has_no_part_there_and_is_settled_without_it()
    {
        var rig = RigElsewhere();
        rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(100, Output)], PlatformLimits = [OfPlatform(FailureMode.Allow)] });
        await KillAsync();

        var hold = await rig.AskAsync(Tokens(20));
        var enlarged = await rig.Engine.EnlargeAsync(rig.Account, hold.HoldId!.Value, [Tokens(30)], TimeSpan.FromMinutes(2), CancellationToken.None);
        var prolonged = await rig.Holds.ProlongAsync(rig.Account, hold.HoldId.Value, TimeSpan.FromMinutes(5));
        var committed = await rig.CommitAsync(hold.HoldId.Value, "e1", Tokens(45));
        var other = await rig.AskAsync(Tokens(20));
        var released = await rig.Holds.ReleaseAsync(rig.Account, other.HoldId!.Value);

        Assert.Equal((true, true, true), (hold.IsAllowed, hold.IsDegraded, enlarged!.Decision.IsAllowed));
        Assert.Equal([HoldOutcome.Done, HoldOutcome.Done, HoldOutcome.Done], new[] { prolonged, committed, released }.Select(status => status.Outcome));
        Assert.Equal((45, 0), await StandingAsync(rig));
    }

    [Fact]
    public async Task A_node_that_nobody_has_failed_at_for_long_is_away_no_more()
    {
        var time = new FakeTimeProvider();
        var services = application.Services;
        var options = new DecisionOptions();
        var redis = new PolicyRedis(
            services.GetRequiredService<IConnectionMultiplexer>(), Options.Create(options), time, services.GetRequiredService<IMeterFactory>(), NullLogger<PolicyRedis>.Instance);
        var (there, here) = (KeyOf(AccountLayout.PlatformSlot), KeyOf(AccountLayout.SlotOf(RigElsewhere().Account)));
        await KillAsync();
        await Eventually.GetAsync(
            async () => await Record.ExceptionAsync(() => redis.ReadVersionAsync(there)), exception => exception is CountersUnavailableException, "the node to be missed");

        await redis.ReadVersionAsync(here);
        var soon = redis.IsAway;
        // As after a failover: its keys are another node's, and nobody asks this one any more.
        time.Advance(options.RedisPause * 32);
        await redis.ReadVersionAsync(here);

        Assert.Equal((true, false), (soon, redis.IsAway));
    }

    private static async Task<(long Used, long Held)> StandingAsync(Rig rig)
    {
        var standing = await rig.StandingAsync("Plan:llm.output_tokens:Day");
        return (standing.Used, standing.Held);
    }

    private static CompiledLimit OfPlatform(FailureMode onFailure, long allowWhileDown = 0) => new()
    {
        Code = "everybody",
        Policy = "test",
        Scope = LimitScope.Platform,
        Kind = LimitKind.Quota,
        Unit = Meters.Requests,
        Maximum = 1_000,
        Window = LimitWindowKind.Day,
        Target = "p",
        OnFailure = onFailure,
        AllowWhileDown = allowWhileDown,
    };

    private static RedisKey KeyOf(string slot) => AccountLayout.TargetKey(slot, AccountLayout.AccountTarget);

    // It stays dead for every test here.
    private Task KillAsync() => application.Nodes[Dead].KillAsync();

    private int NodeOf(string slot) => application.Services.GetRequiredService<IConnectionMultiplexer>().GetHashSlot(KeyOf(slot)) * 3 / Slots;

    private Rig RigElsewhere()
    {
        Rig rig;
        do
        {
            rig = new Rig(application);
        }
        while (NodeOf(AccountLayout.SlotOf(rig.Account)) == Dead);

        return rig;
    }
}
