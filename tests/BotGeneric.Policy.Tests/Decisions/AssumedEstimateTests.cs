using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Calls that do not say what they need of a unit that is counted.</summary>
public sealed class AssumedEstimateTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private const string OutputByDay = "Plan:llm.output_tokens:Day";

    private readonly Rig _rig = new(application);

    [Theory]
    [InlineData("tokens")]
    [InlineData("rate of tokens")]
    [InlineData("budget of an account")]
    [InlineData("budget of a person")]
    public async Task Of_two_hundred_that_say_nothing_at_once_one_passes_on_the_last_unit(string kind)
    {
        _rig.Limit(kind switch
        {
            "tokens" => Quota(1, Output),
            "rate of tokens" => Rate(1, TimeSpan.FromMinutes(10), Output),
            "budget of an account" => Quota(1, "USD", LimitWindowKind.Month),
            _ => Quota(1, "USD", LimitWindowKind.Month, LimitScope.User, _rig.User),
        });
        Rig[] replicas = [_rig, _rig.Replica(), _rig.Replica(), _rig.Replica()];

        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(async call =>
        {
            await Task.Yield();
            return await replicas[call % replicas.Length].AskAsync(Requests());
        }));

        Assert.Single(decisions, decision => decision.IsAllowed);
    }

    [Fact]
    public async Task What_a_call_never_spoke_of_and_never_used_is_given_back_by_its_commit()
    {
        _rig.Limit(Quota(1_000, Output), Rate(1_000, TimeSpan.FromMinutes(1), Output), Quota(100));

        var decision = await _rig.AskAsync(Requests());
        var during = await _rig.StandingAsync(OutputByDay);
        await _rig.CommitAsync(decision.HoldId!.Value, "e1", Requests());
        var after = await _rig.StandingAsync(OutputByDay);

        Assert.Equal((0, 500), (during.Used, during.Held));
        Assert.Equal((0, 0), (after.Used, after.Held));
        Assert.Equal(0, (await _rig.StandingAsync($"rate:{Output}")).Used);
        Assert.Equal(1, (await _rig.StandingAsync("Plan:llm.requests:Day")).Used);
    }

    [Fact]
    public async Task What_a_call_named_and_its_commit_does_not_is_as_it_estimated()
    {
        _rig.Limit(Quota(1_000, Output), Quota(100));

        var hold = (await _rig.AskAsync(Requests(), Tokens(70))).HoldId!.Value;
        await _rig.CommitAsync(hold, "e1", Requests());

        Assert.Equal(70, (await _rig.StandingAsync(OutputByDay)).Used);
    }

    [Fact]
    public async Task A_small_limit_lets_calls_that_say_nothing_pass_one_after_the_other()
    {
        _rig.Limit(Quota(10, Output));

        var first = await _rig.AskAsync(Requests());
        var beside = await _rig.AskAsync(Requests());
        await _rig.CommitAsync(first.HoldId!.Value, "e1", Requests(), Tokens(4));
        var second = await _rig.AskAsync(Requests());
        await _rig.CommitAsync(second.HoldId!.Value, "e2", Requests(), Tokens(6));

        Assert.Equal((true, false, true), (first.IsAllowed, beside.IsAllowed, second.IsAllowed));
        Assert.Equal(10, first.Granted.Single(amount => amount.Unit == Output).Need);
        Assert.Equal(6, second.Granted.Single(amount => amount.Unit == Output).Need);
        Assert.False((await _rig.AskAsync(Requests())).IsAllowed);
    }

    [Fact]
    public async Task A_zero_that_a_call_names_is_a_zero()
    {
        _rig.Limit(Quota(1_000, Output));

        var hold = (await _rig.AskAsync(Requests(), Tokens(0))).HoldId!.Value;
        var held = (await _rig.StandingAsync(OutputByDay)).Held;
        var other = (await _rig.AskAsync(Requests(), Tokens(50))).HoldId!.Value;
        await _rig.CommitAsync(other, "e1", Requests(), Tokens(0));

        Assert.Equal(0, held);
        Assert.Equal(0, (await _rig.StandingAsync(OutputByDay)).Used);
        Assert.Equal(HoldStates.Held, (await _rig.Holds.LookAsync(_rig.Account, hold)).State);
    }

    [Fact]
    public async Task What_is_asked_for_beyond_what_was_assumed_is_named_from_then_on()
    {
        _rig.Limit(Quota(10_000, Output));
        var hold = (await _rig.AskAsync(Requests())).HoldId!.Value;

        await _rig.Engine.EnlargeAsync(_rig.Account, hold, [Tokens(100)], TimeSpan.FromMinutes(1), CancellationToken.None);
        var held = (await _rig.StandingAsync(OutputByDay)).Held;
        await _rig.CommitAsync(hold, "e1", Requests());

        Assert.Equal(600, held);
        Assert.Equal(600, (await _rig.StandingAsync(OutputByDay)).Used);
        Assert.Equal(0, (await _rig.Counters.InspectAsync(_rig.Account, repair: false)).Differences);
    }

    [Fact]
    public async Task Credits_hold_what_is_assumed_where_the_window_has_no_room_and_have_it_back()
    {
        var grant = new CompiledGrant(Guid.CreateVersion7(), Output, 300, DateTimeOffset.UnixEpoch, null);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(100, Output)], Grants = [grant] });

        var first = await _rig.AskAsync(Requests());
        var beside = await _rig.AskAsync(Requests());
        await _rig.CommitAsync(first.HoldId!.Value, "e1", Requests());
        var second = await _rig.AskAsync(Requests());

        Assert.Equal((true, false, true), (first.IsAllowed, beside.IsAllowed, second.IsAllowed));
        Assert.Equal(400, second.Granted.Single(amount => amount.Unit == Output).Need);
    }
}
