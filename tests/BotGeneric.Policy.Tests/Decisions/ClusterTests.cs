using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service on a Redis cluster of three, which has every account in one of its parts.</summary>
public sealed class ClusterApplication() : ServiceApplication<Program>("policy")
{
    private const int Slots = 16_384;

    private readonly OwnRedis[] _nodes = [.. Enumerable.Range(0, 3).Select(_ => new OwnRedis(isInCluster: true))];
    private readonly Dictionary<string, string> _settings = [];

    internal IReadOnlyList<OwnRedis> Nodes => _nodes;

    protected override IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            _settings["ConnectionStrings:redis"] = string.Join(',', _nodes.Select(node => node.ConnectionString));
            return _settings;
        }
    }

    protected override async Task PrepareAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
        for (var index = 0; index < _nodes.Length; index++)
        {
            await _nodes[index].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", index * Slots / 3, ((index + 1) * Slots / 3) - 1);
            await _nodes[index].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
        }

        foreach (var node in _nodes.Skip(1))
        {
            await _nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", node.Port, node.ClusterPort);
        }

        foreach (var node in _nodes)
        {
            await Eventually.GetAsync(
                async () => (string?)await node.ExecuteAsync("CLUSTER", "INFO") ?? string.Empty,
                static info => info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal),
                "the cluster to be whole");
        }
    }

    protected override async Task ReleaseAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.RemoveAll<ICompiledAccounts>();
        services.AddSingleton<ICompiledAccounts>(new ChosenAccounts());
        services.RemoveAll<IConnectionMultiplexer>();
        services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var configuration = ConfigurationOptions.Parse(_settings["ConnectionStrings:redis"]);
            PolicyRedis.Configure(configuration);
            configuration.AsyncTimeout = 20_000;
            return ConnectionMultiplexer.Connect(configuration);
        });
    }
}

/// <summary>On a cluster the same scripts decide the same.</summary>
public sealed class ClusterTests(ClusterApplication application) : IClassFixture<ClusterApplication>
{
    [Fact]
    public async Task Accounts_are_spread_over_the_cluster_and_each_lets_as_many_pass_as_it_has_room_for()
    {
        var rigs = Enumerable.Range(0, 12).Select(_ => new Rig(application)).ToArray();
        foreach (var rig in rigs)
        {
            rig.Limit(
                Quota(50), Quota(60, scope: LimitScope.User, user: rig.User), Quota(1_000_000_000, "USD", LimitWindowKind.Month), Rate(70, TimeSpan.FromMinutes(10)),
                Concurrency(80));
        }

        var decisions = await Task.WhenAll(rigs.SelectMany(rig => Enumerable.Range(0, 200).Select(async _ =>
        {
            await Task.Yield();
            return (rig, Decision: await rig.AskAsync(Requests(), Dollars(0.001m)));
        })));

        Assert.All(decisions.GroupBy(pair => pair.rig), group => Assert.Equal(50, group.Count(pair => pair.Decision.IsAllowed)));
        foreach (var node in application.Nodes)
        {
            Assert.True((long)await node.ExecuteAsync("DBSIZE") > 0);
        }
    }

    [Fact]
    public async Task Everybodys_limits_and_an_accounts_are_held_in_different_parts_of_the_cluster()
    {
        var platform = new CompiledLimit
        {
            Code = "everybody",
            Policy = "test",
            Scope = LimitScope.Platform,
            Kind = LimitKind.Quota,
            Unit = Output,
            Maximum = 100,
            Window = LimitWindowKind.Day,
            Target = "p",
        };
        var rigs = Enumerable.Range(0, 6).Select(_ => new Rig(application)).ToArray();
        foreach (var rig in rigs)
        {
            rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(30, Output)], PlatformLimits = [platform] });
        }

        var decisions = new List<(Rig Rig, Decision Decision)>();
        foreach (var rig in rigs)
        {
            decisions.Add((rig, await rig.AskAsync(Tokens(25))));
        }

        // The account refuses what the platform had room for, and the platform has it back.
        await rigs[0].Holds.ReleaseAsync(rigs[0].Account, decisions[0].Decision.HoldId!.Value);
        var refused = await rigs[1].AskAsync(Tokens(6));
        var last = await rigs[4].AskAsync(Tokens(25));

        Assert.Equal([true, true, true, true, false, false], decisions.Select(pair => pair.Decision.IsAllowed));
        Assert.Equal((false, true), (refused.IsAllowed, last.IsAllowed));
    }

    [Fact]
    public Task A_refusal_on_a_cluster_says_why_as_anywhere() => RefusalCauseTests.AssertAsync(new Rig(application));

    [Fact]
    public async Task A_hold_lives_and_ends_on_a_cluster_as_anywhere()
    {
        var rig = new Rig(application);
        rig.Limit(Quota(100, Output), Quota(90, Output, scope: LimitScope.User, user: rig.User), Concurrency(1));
        var hold = (await rig.AskAsync(Tokens(50))).HoldId!.Value;
        await rig.Holds.CommitAsync(rig.Account, hold, [Tokens(20)], string.Empty, isFinal: false, TimeSpan.FromMinutes(1));
        var enlarged = await rig.Engine.EnlargeAsync(rig.Account, hold, [Tokens(40)], TimeSpan.FromMinutes(1), CancellationToken.None);
        await rig.CommitAsync(hold, "e1", Tokens(70));
        await rig.RecordAndTellAsync(rig.Usage(output: 70, hold: hold));
        await rig.LoseCountersAsync();

        Assert.True(enlarged!.Decision.IsAllowed);
        var standing = await rig.StandingAsync("Plan:llm.output_tokens:Day");
        Assert.Equal((70, 0), (standing.Used, standing.Held));
        Assert.False((await rig.AskAsync(Tokens(21))).IsAllowed);
        Assert.Equal(0, (await rig.Counters.InspectAsync(rig.Account, repair: false)).Differences);
    }
}
