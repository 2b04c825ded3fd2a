using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Two hundred calls at once, by several processes, where there is room for fifty.</summary>
public sealed class ConcurrencyTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private const int Calls = 200;
    private const int Room = 50;
    private const int Replicas = 4;

    private readonly Rig _rig = new(application);

    // Everybody's counters are shared by the tests of this class; a feature of one's own is a counter of one's own.
    private readonly string _feature = $"feature-{Guid.CreateVersion7():N}";

    [Theory]
    [InlineData("rate")]
    [InlineData("quota")]
    [InlineData("budget")]
    [InlineData("concurrency")]
    public async Task No_more_pass_than_there_is_room_for(string kind)
    {
        _rig.Limit(kind switch
        {
            "rate" => Rate(Room, TimeSpan.FromMinutes(10)),
            "quota" => Quota(Room),
            "budget" => Quota(Room * 10_000_000L, "USD", LimitWindowKind.Month),
            _ => Concurrency(Room),
        });

        var decisions = await AskAsync(_rig.Subject);

        AssertRoom(decisions);
        var line = (await _rig.Counters.ReadAsync(await _rig.CompiledAsync(), ofPlatform: false, CancellationToken.None)).Single();
        Assert.Equal(line.Limit.Maximum, line.Used + line.Held);
    }

    [Theory]
    [InlineData(LimitKind.Rate)]
    [InlineData(LimitKind.Quota)]
    [InlineData(LimitKind.Concurrency)]
    public async Task No_more_pass_than_the_platform_has_room_for_whoever_asks(LimitKind kind)
    {
        var limit = OfPlatform(kind, Room);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000)], PlatformLimits = [limit] });
        var other = new Rig(application);
        other.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000)], PlatformLimits = [limit] });
        Rig[] replicas = [_rig, _rig.Replica(), other, other.Replica()];

        var decisions = await AskAsync(replicas);

        AssertRoom(decisions);
        Assert.All(decisions.Where(decision => !decision.IsAllowed), decision => Assert.Equal(DecisionReasons.PlatformBusy, decision.Reason));
        Assert.Equal(Room, (await _rig.StandingAsync("Plan:llm.requests:Day")).Held + (await other.StandingAsync("Plan:llm.requests:Day")).Held);
    }

    [Fact]
    public async Task No_more_pass_than_the_narrowest_of_several_scopes_has_room_for_and_the_others_hold_no_more_than_that()
    {
        var platform = OfPlatform(LimitKind.Quota, 3 * Room);
        CompiledLimit[] limits =
        [
            Quota(Room), Quota(2 * Room, scope: LimitScope.User, user: _rig.User), Quota(3 * Room, window: LimitWindowKind.Month, scope: LimitScope.Organization),
            Rate(4 * Room, TimeSpan.FromMinutes(10)), Concurrency(3 * Room), Quota(Room * 1_000_000_000L, "USD", LimitWindowKind.Month),
        ];
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = limits, PlatformLimits = [platform] });

        var decisions = await AskAsync(_rig.Subject);

        AssertRoom(decisions);
        var account = await _rig.Counters.ReadAsync(await _rig.CompiledAsync(), ofPlatform: false, CancellationToken.None);
        var everybody = await _rig.Counters.ReadAsync(await _rig.CompiledAsync(), ofPlatform: true, CancellationToken.None);
        Assert.All(account.Concat(everybody).Where(line => line.Limit.Unit != "USD"), line => Assert.Equal(Room, line.Used + line.Held));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task Calls_that_end_meanwhile_make_room_for_others_and_never_for_more_than_there_is()
    {
        _rig.Limit(Quota(Room), Concurrency(5));
        Rig[] replicas = [.. Enumerable.Range(0, Replicas).Select(_ => _rig.Replica())];
        var running = 0;
        var most = 0;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Calls).Select(async call =>
        {
            var replica = replicas[call % Replicas];
            var decision = await replica.Engine.AuthorizeAsync(Question(replica), CancellationToken.None);
            if (!decision.IsAllowed)
            {
                return 0;
            }

            InterlockedMax(ref most, Interlocked.Increment(ref running));
            Interlocked.Decrement(ref running);
            if (call % 3 == 0)
            {
                await replica.Holds.ReleaseAsync(_rig.Account, decision.HoldId!.Value);
                return 0;
            }

            await replica.CommitAsync(decision.HoldId!.Value, $"e{call}", Requests());
            return 1;
        }));

        Assert.InRange(most, 1, 5);
        var standing = await _rig.StandingAsync("Plan:llm.requests:Day");
        Assert.Equal((outcomes.Sum(), 0L), (standing.Used, standing.Held));
        Assert.InRange(standing.Used, 1, Room);
        await AssertSoundAsync();
    }

    [Fact]
    public async Task The_ledgers_news_in_the_middle_of_decisions_let_no_more_pass()
    {
        _rig.Limit(Quota(Room, Output));
        Rig[] replicas = [.. Enumerable.Range(0, Replicas).Select(_ => _rig.Replica())];
        var recorded = Task.Run(async () =>
        {
            var teller = _rig.Replica();
            for (var index = 0; index < 20; index++)
            {
                await teller.RecordAndTellAsync(teller.Usage(output: 1));
            }
        });

        var decisions = await Task.WhenAll(Enumerable.Range(0, Calls).Select(async call =>
        {
            await Task.Yield();
            return await replicas[call % Replicas].AskAsync(Tokens(1));
        }));
        await recorded;

        Assert.DoesNotContain(decisions, decision => decision.IsDegraded);
        var standing = await _rig.StandingAsync("Plan:llm.output_tokens:Day");
        Assert.Equal(20, standing.Used);
        Assert.Equal(decisions.Count(decision => decision.IsAllowed), standing.Held);
        Assert.All(decisions.Where(decision => decision.IsAllowed), decision => Assert.True(decision.Limits[0].Used + decision.Limits[0].Held <= Room));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task A_hold_cannot_be_enlarged_beyond_what_the_platform_has()
    {
        var platform = OfPlatform(LimitKind.Quota, 100, Output);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(150, Output)], PlatformLimits = [platform] });
        var hold = (await AskAsync(Tokens(50))).HoldId!.Value;
        var other = (await AskAsync(Tokens(30))).HoldId!.Value;

        var refused = await EnlargeAsync(hold, Tokens(30));
        var clamped = await EnlargeAsync(hold, Tokens(30, minimum: 5));

        Assert.Equal(DecisionReasons.PlatformBusy, refused!.Decision.Reason);
        Assert.Equal(20, clamped!.Decision.Granted.Single(amount => amount.Unit == Output).Need);
        Assert.Equal(100, (await PlatformAsync()).Held);
        Assert.Equal(100, (await _rig.StandingAsync("Plan:llm.output_tokens:Day")).Held);
        await _rig.Holds.ReleaseAsync(_rig.Account, other);
        await _rig.CommitAsync(hold, "e1", Tokens(60));
        Assert.Equal((60, 0), ((await PlatformAsync()).Used, (await PlatformAsync()).Held));
    }

    [Fact]
    public async Task What_the_account_refuses_of_an_enlargement_is_given_back_to_the_platform()
    {
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(60, Output)], PlatformLimits = [OfPlatform(LimitKind.Quota, 100, Output)] });
        var hold = (await AskAsync(Tokens(50))).HoldId!.Value;

        var refused = await EnlargeAsync(hold, Tokens(30));

        Assert.Equal(DecisionReasons.QuotaExhausted, refused!.Decision.Reason);
        Assert.Equal(50, (await PlatformAsync()).Held);
    }

    [Fact]
    public async Task The_platform_grants_less_where_less_is_enough()
    {
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(150, Output)], PlatformLimits = [OfPlatform(LimitKind.Quota, 20, Output)] });

        var decision = await AskAsync(Tokens(100, minimum: 5));

        Assert.Equal(20, decision.Granted.Single(amount => amount.Unit == Output).Need);
        Assert.Equal(20, (await _rig.StandingAsync("Plan:llm.output_tokens:Day")).Held);
    }

    private async Task<IReadOnlyList<Decision>> AskAsync(PolicySubject subject)
    {
        Assert.Equal(_rig.Subject, subject);
        return await AskAsync([.. Enumerable.Range(0, Replicas).Select(_ => _rig.Replica())]);
    }

    private async Task<IReadOnlyList<Decision>> AskAsync(Rig[] replicas) =>
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(async call =>
        {
            await Task.Yield();
            var replica = replicas[call % replicas.Length];
            return await replica.Engine.AuthorizeAsync(Question(replica), CancellationToken.None);
        }));

    private ValueTask<Decision> AskAsync(UnitAmount amount) => _rig.Engine.AuthorizeAsync(
        new DecisionRequest(_rig.Subject, _feature, "m1", "web", [amount], TimeSpan.FromMinutes(2)), CancellationToken.None);

    private DecisionRequest Question(Rig rig) => new(rig.Subject, _feature, "m1", "web", [Requests(), Dollars(0.01m)], TimeSpan.FromMinutes(2));

    private Task<EnlargedHold?> EnlargeAsync(Guid hold, UnitAmount more) =>
        _rig.Engine.EnlargeAsync(_rig.Account, hold, [more], TimeSpan.FromMinutes(1), CancellationToken.None);

    private async Task<LimitOutcome> PlatformAsync() =>
        (await _rig.Counters.ReadAsync(await _rig.CompiledAsync(), ofPlatform: true, CancellationToken.None)).Single();

    private async Task AssertSoundAsync()
    {
        var inspection = await _rig.Counters.InspectAsync(_rig.Account, repair: false);
        Assert.Equal((0, 0), (inspection.Differences, inspection.Negative));
    }

    private static void AssertRoom(IReadOnlyList<Decision> decisions)
    {
        Assert.DoesNotContain(decisions, decision => decision.IsDegraded);
        Assert.Equal(Room, decisions.Count(decision => decision.IsAllowed));
        Assert.Equal(Room, decisions.Select(decision => decision.HoldId).OfType<Guid>().Distinct().Count());
    }

    private CompiledLimit OfPlatform(LimitKind kind, long maximum, string unit = Meters.Requests) => new()
    {
        Code = "everybody",
        Policy = "test",
        Scope = LimitScope.Platform,
        Kind = kind,
        Unit = kind == LimitKind.Concurrency ? "calls" : unit,
        Maximum = maximum,
        Window = kind switch { LimitKind.Rate => LimitWindowKind.Sliding, LimitKind.Concurrency => LimitWindowKind.None, _ => LimitWindowKind.Day },
        Length = kind == LimitKind.Rate ? TimeSpan.FromMinutes(10) : TimeSpan.Zero,
        Feature = Pattern.TryParse(_feature)!,
        Target = "p",
    };

    private static void InterlockedMax(ref int location, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref location)) < value && Interlocked.CompareExchange(ref location, value, seen) != seen)
        {
        }
    }
}
