using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>One node of a cluster dies: what is on the others goes on.</summary>
public sealed class ClusterOutageTests(ClusterApplication application) : IClassFixture<ClusterApplication>
{
    private const int Slots = 16_384;

    [Fact]
    public async Task Accounts_on_other_nodes_are_counted_while_one_node_is_dead_also_where_it_has_the_limits_of_everybody()
    {
        var platform = new CompiledLimit
        {
            Code = "everybody",
            Policy = "test",
            Scope = LimitScope.Platform,
            Kind = LimitKind.Quota,
            Unit = Meters.Requests,
            Maximum = 1_000,
            Window = LimitWindowKind.Day,
            Target = "p",
            OnFailure = FailureMode.Allow,
        };
        var dead = NodeOf(AccountLayout.PlatformSlot);
        var (there, elsewhere) = (RigOn(node => node == dead), RigOn(node => node != dead));
        var limited = RigOn(node => node != dead);
        there.Limit(Quota(1_000));
        elsewhere.Limit(Quota(1_000));
        limited.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(2)], PlatformLimits = [platform] });
        Assert.All(new[] { await there.AskAsync(Requests()), await elsewhere.AskAsync(Requests()) }, decision => Assert.False(decision.IsDegraded));

        await application.Nodes[dead].KillAsync();
        await Eventually.GetAsync(() => there.AskAsync(Requests()), decision => decision.IsDegraded, "a decision without counters");
        var others = new List<Decision>();
        var own = new List<Decision>();
        for (var call = 0; call < 20; call++)
        {
            own.Add(await there.AskAsync(Requests()));
            others.Add(await elsewhere.AskAsync(Requests()));
        }

        Decision[] both = [await limited.AskAsync(Requests()), await limited.AskAsync(Requests()), await limited.AskAsync(Requests())];

        Assert.All(own, decision => Assert.Equal((true, DecisionReasons.LimitsUnavailable), (decision.IsDegraded, decision.Reason)));
        Assert.All(others, decision => Assert.Equal((false, true), (decision.IsDegraded, decision.IsAllowed)));
        Assert.Equal([true, true, false], both.Select(decision => decision.IsAllowed));
        Assert.All(both, decision => Assert.True(decision.IsDegraded));
        Assert.Equal(DecisionReasons.HeldByCalls, both[2].Reason);
        Assert.True(application.Services.GetRequiredService<PolicyRedis>().IsAway);
    }

    private int NodeOf(string slot) =>
        application.Services.GetRequiredService<IConnectionMultiplexer>().GetHashSlot(AccountLayout.TargetKey(slot, AccountLayout.AccountTarget)) * 3 / Slots;

    private Rig RigOn(Func<int, bool> isIt)
    {
        Rig rig;
        do
        {
            rig = new Rig(application);
        }
        while (!isIt(NodeOf(AccountLayout.SlotOf(rig.Account))));

        return rig;
    }
}
