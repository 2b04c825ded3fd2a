using System.Diagnostics;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service with the limits that its own database says, through a line that the test can hold.</summary>
public sealed class HangingDatabaseApplication() : ServiceApplication<Program>("policy")
{
    private readonly Dictionary<string, string> _settings = new() { ["Policy:Reconciliation:Interval"] = "1.00:00:00" };

    internal DatabaseProxy Line { get; private set; } = null!;

    protected override IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            Line ??= DatabaseProxy.Start(Database.ConnectionString);
            _settings["ConnectionStrings:policy-db"] = Line.ConnectionString;
            return _settings;
        }
    }

    protected override async Task ReleaseAsync() => await Line.DisposeAsync();
}

/// <summary>A database that hangs, takes connections and does not answer, is one that is away: decisions go on.</summary>
public sealed class HangingDatabaseTests(HangingDatabaseApplication application) : IClassFixture<HangingDatabaseApplication>
{
    // Npgsql by itself waits for 15 seconds for a connection and for 30 for an answer, each time: minutes for those who ask here one after the other.
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(60);

    private DecisionEngine Engine => application.Services.GetRequiredService<DecisionEngine>();

    [Fact]
    public async Task Decisions_go_on_while_the_database_hangs_and_are_as_before_when_it_does_no_more()
    {
        var (known, lost) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var hold = await AskAsync(known);
        Assert.True(hold.IsAllowed && (await AskAsync(lost)).IsAllowed);
        Assert.NotEmpty(hold.Limits);

        application.Line.Hang();
        var since = Stopwatch.GetTimestamp();
        for (var call = 0; call < 20; call++)
        {
            var decision = await AskAsync(known);
            Assert.Equal((true, false), (decision.IsAllowed, decision.IsDegraded));
        }

        var settled = await application.Services.GetRequiredService<HoldSettlement>().CommitAsync(known, hold.HoldId!.Value, [Requests()], "e1", isFinal: true, TimeSpan.Zero);
        // Its sums have to be read anew, and cannot be.
        var redis = application.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await redis.KeyDeleteAsync(AccountLayout.TargetKey(AccountLayout.SlotOf(lost), AccountLayout.AccountTarget));
        var withoutSums = await AskAsync(lost);
        var unknown = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(Guid.CreateVersion7())));
        var more = new List<Decision>();
        for (var call = 0; call < 20; call++)
        {
            more.Add(await AskAsync(Guid.CreateVersion7()));
        }

        var elapsed = Stopwatch.GetElapsedTime(since);
        application.Line.LetGo();
        var back = await Eventually.GetAsync(() => AskAsync(Guid.CreateVersion7()), decision => !decision.IsDegraded, "a decision by limits that were read");

        Assert.Equal(HoldOutcome.Done, settled.Outcome);
        Assert.True(withoutSums.IsDegraded);
        Assert.All(unknown.Concat(more), decision => Assert.True(decision is { IsDegraded: true, Limits.Count: 0 }));
        Assert.InRange(elapsed, TimeSpan.Zero, Bearable);
        Assert.True(back.IsAllowed);
        Assert.NotEmpty(back.Limits);
        await Eventually.GetAsync(() => AskAsync(lost), decision => decision is { IsDegraded: false, IsAllowed: true }, "the sums to be read");
    }

    private async Task<Decision> AskAsync(Guid account) => await Engine.AuthorizeAsync(
        new DecisionRequest(new PolicySubject(account, null, null), "chat", "m1", "web", [Requests()], TimeSpan.FromMinutes(2)), CancellationToken.None);
}
