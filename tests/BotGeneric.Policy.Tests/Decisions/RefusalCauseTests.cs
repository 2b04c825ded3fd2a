using System.Buffers.Binary;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>A refusal says what is in the way, and does not send anybody to wait for what waiting does not change.</summary>
public sealed class RefusalCauseTests : IClassFixture<DecisionApplication>
{
    private const string OutputByDay = "Plan:llm.output_tokens:Day";
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(10);

    private readonly Rig _rig;

    public RefusalCauseTests(DecisionApplication application)
    {
        _rig = new Rig(application);
        PassToNoon(_rig);
    }

    [Fact]
    public Task A_refusal_says_whether_the_limit_is_used_up_or_held_or_too_small() => AssertAsync(_rig);

    /// <summary>Every cause, one after the other; also on a cluster.</summary>
    internal static async Task AssertAsync(Rig rig)
    {
        rig.Limit(Quota(100, Output), Quota(1_000_000_000, "USD", LimitWindowKind.Month), Rate(3, TimeSpan.FromMinutes(1)), Concurrency(3));
        PassToNoon(rig);
        // The clock follows the server's answers.
        await rig.AskAsync(Requests(0));
        var midnight = new DateTimeOffset(rig.Clock.Now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

        var tokens = await rig.AskAsync(Tokens(101));
        var dollars = await rig.AskAsync(Dollars(1.5m));
        var requests = await rig.AskAsync(Requests(4));
        foreach (var (decision, asked) in new[] { (tokens, 101L), (dollars, 1_500_000_000L), (requests, 4L) })
        {
            Assert.Equal((DecisionReasons.RequestTooLarge, asked), (decision.Reason, decision.Asked));
            Assert.Null(decision.RefusedBy?.OpensAt);
            // A refusal takes nothing.
            Assert.All(decision.Limits, line => Assert.Equal((0, 0), (line.Used, line.Held)));
        }

        var hold = await rig.AskAsync(Tokens(60));
        var held = await rig.AskAsync(Tokens(50));
        Assert.Equal((true, DecisionReasons.HeldByCalls), (hold.IsAllowed, held.Reason));
        Assert.InRange(held.RefusedBy!.Value.OpensAt!.Value, hold.ExpiresAt!.Value, hold.ExpiresAt.Value + Rounding);

        // Also without the holds there is no room any more.
        await rig.CommitAsync(hold.HoldId!.Value, "e1", Tokens(60));
        var other = await rig.AskAsync(Tokens(20));
        var usedUp = await rig.AskAsync(Tokens(50));
        Assert.Equal((true, DecisionReasons.QuotaExhausted), (other.IsAllowed, usedUp.Reason));
        Assert.Equal(midnight, usedUp.RefusedBy!.Value.OpensAt);

        await rig.AskAsync(Requests(), Tokens(1));
        await rig.AskAsync(Requests(), Tokens(1));
        Assert.Equal(DecisionReasons.TooManyAtOnce, (await rig.AskAsync(Tokens(1))).Reason);
        Assert.Equal(0, (await rig.Counters.InspectAsync(rig.Account, repair: false)).Differences);
    }

    [Fact]
    public async Task What_only_holds_keep_out_passes_at_the_time_that_was_said()
    {
        _rig.Limit(Quota(100, Output));
        await _rig.AskAsync(TimeSpan.FromMinutes(30), "chat", Tokens(50));
        await _rig.AskAsync(TimeSpan.FromMinutes(2), "chat", Tokens(50));

        var refused = await _rig.AskAsync(Tokens(100));
        _rig.Pass(refused.RefusedBy!.Value.OpensAt!.Value - _rig.Clock.Now);

        Assert.True((await _rig.AskAsync(Tokens(100))).IsAllowed);
    }

    [Fact]
    public async Task With_its_window_what_is_held_of_it_is_over_too()
    {
        _rig.Limit(Quota(100, Output));
        await _rig.AskAsync(Requests(0));
        var midnight = new DateTimeOffset(_rig.Clock.Now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        _rig.Pass(midnight.AddSeconds(-40) - _rig.Clock.Now);
        await _rig.AskAsync(Tokens(60));

        var refused = await _rig.AskAsync(Tokens(50));

        Assert.Equal((DecisionReasons.HeldByCalls, midnight), (refused.Reason, refused.RefusedBy!.Value.OpensAt));
    }

    [Fact]
    public async Task A_prolonged_hold_is_in_the_way_for_longer_and_a_released_one_for_no_longer()
    {
        _rig.Limit(Quota(100, Output));
        var hold = (await _rig.AskAsync(Tokens(60))).HoldId!.Value;
        var prolonged = await _rig.Holds.ProlongAsync(_rig.Account, hold, TimeSpan.FromMinutes(30));
        var later = (await _rig.AskAsync(Tokens(50))).RefusedBy!.Value.OpensAt!.Value;
        await _rig.AskAsync(TimeSpan.FromMinutes(1), "chat", Tokens(10));
        await _rig.Holds.ReleaseAsync(_rig.Account, hold);

        // Found out when the next hold's time is over.
        _rig.Pass(TimeSpan.FromMinutes(3));
        var other = await _rig.AskAsync(Tokens(60));
        var sooner = await _rig.AskAsync(Tokens(50));

        Assert.InRange(later, prolonged.ExpiresAt, prolonged.ExpiresAt + Rounding);
        Assert.InRange(sooner.RefusedBy!.Value.OpensAt!.Value, other.ExpiresAt!.Value, other.ExpiresAt.Value + Rounding);
    }

    [Fact]
    public async Task Credits_belong_to_the_whole_of_a_limit_whether_they_are_held_or_not()
    {
        var grant = new CompiledGrant(Guid.CreateVersion7(), Output, 50, DateTimeOffset.UnixEpoch, null);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(100, Output)], Grants = [grant] });

        var larger = await _rig.AskAsync(Tokens(151));
        var whole = await _rig.AskAsync(Tokens(150));
        var second = await _rig.AskAsync(Tokens(150));
        await _rig.CommitAsync(whole.HoldId!.Value, "e1", Tokens(40));

        Assert.Equal((DecisionReasons.RequestTooLarge, true, DecisionReasons.HeldByCalls), (larger.Reason, whole.IsAllowed, second.Reason));
        Assert.Equal(DecisionReasons.QuotaExhausted, (await _rig.AskAsync(Tokens(150))).Reason);
    }

    [Fact]
    public async Task A_limit_of_nothing_is_used_up_and_not_too_small()
    {
        _rig.Limit(Quota(0, Output));

        var refused = await _rig.AskAsync(Tokens(1));

        Assert.Equal(DecisionReasons.QuotaExhausted, refused.Reason);
        Assert.Null(refused.RefusedBy!.Value.OpensAt);
    }

    [Fact]
    public async Task Credits_of_a_limit_of_nothing_can_be_too_small()
    {
        var grant = new CompiledGrant(Guid.CreateVersion7(), Output, 5, DateTimeOffset.UnixEpoch, null);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(0, Output)], Grants = [grant] });

        var larger = await _rig.AskAsync(Tokens(10));

        Assert.Equal((DecisionReasons.RequestTooLarge, false), (larger.Reason, larger.RefusedBy!.Value.IsUsedUp));
        Assert.True((await _rig.AskAsync(Tokens(5))).IsAllowed);
    }

    [Fact]
    public async Task The_limit_that_can_never_be_met_is_named_before_those_that_open_again()
    {
        _rig.Limit(Quota(2), Quota(50, Output), Quota(1_000, Output, LimitWindowKind.Month));
        await _rig.AskAsync(Requests(0));
        await _rig.RecordAndTellAsync(_rig.Usage(requests: 2));

        var refused = await _rig.AskAsync(Requests(), Tokens(51));

        Assert.Equal((DecisionReasons.RequestTooLarge, OutputByDay), (refused.Reason, refused.RefusedBy?.Limit.Code));
    }

    [Fact]
    public async Task A_stream_is_told_of_others_in_its_way_and_not_of_itself()
    {
        _rig.Limit(Quota(100, Output));
        var hold = (await _rig.AskAsync(Tokens(50))).HoldId!.Value;
        var alone = await EnlargeAsync(hold, 60);
        await _rig.AskAsync(Tokens(40));

        Assert.Equal(DecisionReasons.QuotaExhausted, alone.Reason);
        Assert.Equal(DecisionReasons.HeldByCalls, (await EnlargeAsync(hold, 30)).Reason);
        Assert.Equal(DecisionReasons.QuotaExhausted, (await EnlargeAsync(hold, 60)).Reason);
        Assert.Equal(DecisionReasons.RequestTooLarge, (await EnlargeAsync(hold, 101)).Reason);
    }

    [Fact]
    public async Task What_was_noted_of_an_account_before_it_said_when_holds_end_is_completed()
    {
        _rig.Limit(Quota(100, Output));
        var hold = await _rig.AskAsync(Tokens(60));
        var noted = await NotedAsync();
        await _rig.Redis.GetDatabase().HashSetAsync(HoldsKey, [new(string.Empty, noted[..16])]);

        var refused = await _rig.AskAsync(Tokens(50));

        Assert.InRange(refused.RefusedBy!.Value.OpensAt!.Value, hold.ExpiresAt!.Value, hold.ExpiresAt.Value + Rounding);
        // When the keys were renewed is as it was.
        Assert.Equal(noted[8..16], (await NotedAsync())[8..16]);
        Assert.Equal(24, (await NotedAsync()).Length);
    }

    [Fact]
    public async Task When_the_last_hold_ends_is_written_once_in_ten_seconds_and_not_with_every_hold()
    {
        _rig.Limit(Quota(1_000));
        await _rig.AskAsync(Requests());
        var written = new HashSet<(double Due, double Latest)>();
        for (var call = 0; call < 40; call++)
        {
            await _rig.AskAsync(Requests());
            var noted = await NotedAsync();
            written.Add((BinaryPrimitives.ReadDoubleLittleEndian(noted), BinaryPrimitives.ReadDoubleLittleEndian(noted.AsSpan(16))));
            _rig.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(written.Count, 4, 7);
        Assert.All(written, entry => Assert.Equal(0, entry.Latest % Rounding.TotalMilliseconds));
    }

    // The end of a day must not come between.
    private static void PassToNoon(Rig rig) => rig.Pass(rig.Clock.Now.UtcDateTime.Date.AddDays(1).AddHours(12) - rig.Clock.Now.UtcDateTime);

    private string HoldsKey => AccountLayout.TargetKey(AccountLayout.SlotOf(_rig.Account), "h").ToString();

    private async Task<byte[]> NotedAsync() => (byte[])(await _rig.Redis.GetDatabase().HashGetAsync(HoldsKey, string.Empty))!;

    private async Task<Decision> EnlargeAsync(Guid hold, long tokens) =>
        (await _rig.Engine.EnlargeAsync(_rig.Account, hold, [Tokens(tokens)], TimeSpan.FromMinutes(1), CancellationToken.None))!.Decision;
}
