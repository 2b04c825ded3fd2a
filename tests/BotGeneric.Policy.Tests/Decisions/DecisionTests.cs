using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

public sealed class DecisionTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private readonly Rig _rig = new(application);

    [Fact]
    public async Task A_call_is_held_in_every_limit_and_refused_when_one_has_no_room()
    {
        _rig.Limit(Quota(10), Quota(100, Output), Quota(30, Output, scope: LimitScope.User, user: _rig.User));

        var first = await _rig.AskAsync(Requests(), Tokens(25));
        var second = await _rig.AskAsync(Requests(), Tokens(10));

        Assert.True(first.IsAllowed);
        Assert.Equal([1L, 25L, 25L], first.Limits.Select(limit => limit.Held));
        Assert.False(second.IsAllowed);
        Assert.Equal(DecisionReasons.HeldByCalls, second.Reason);
        Assert.Equal(LimitScope.User, second.RefusedBy?.Limit.Scope);
        // A refusal takes nothing from any of them.
        Assert.Equal((0, 1), await StandingAsync("Plan:llm.requests:Day"));
        Assert.Equal((0, 25), await StandingAsync("Plan:llm.output_tokens:Day"));
    }

    [Fact]
    public async Task What_is_committed_counts_and_what_is_not_used_is_given_back()
    {
        _rig.Limit(Quota(10), Quota(100, Output), Quota(5_000_000_000, "USD", LimitWindowKind.Month));
        var decision = await _rig.AskAsync(Requests(), Tokens(50), Dollars(1));

        var hold = await _rig.CommitAsync(decision.HoldId!.Value, "e1", Tokens(20), Dollars(0.25m));

        Assert.Equal((HoldOutcome.Done, HoldStates.Committed), (hold.Outcome, hold.State));
        Assert.Equal((1, 0), await StandingAsync("Plan:llm.requests:Day"));
        Assert.Equal((20, 0), await StandingAsync("Plan:llm.output_tokens:Day"));
        Assert.Equal((250_000_000, 0), await StandingAsync("Plan:USD:Month"));
    }

    [Fact]
    public async Task A_commit_can_be_repeated_but_not_with_other_numbers()
    {
        _rig.Limit(Quota(100, Output));
        var hold = (await _rig.AskAsync(Tokens(50))).HoldId!.Value;
        await _rig.CommitAsync(hold, "e1", Tokens(20));

        Assert.Equal(HoldOutcome.Repeated, (await _rig.CommitAsync(hold, "e1", Tokens(20))).Outcome);
        Assert.Equal(HoldOutcome.Different, (await _rig.CommitAsync(hold, "e1", Tokens(21))).Outcome);
        Assert.Equal(HoldOutcome.Different, (await _rig.CommitAsync(hold, "e2", Tokens(20))).Outcome);
        Assert.Equal(HoldOutcome.NotNow, (await _rig.Holds.ReleaseAsync(_rig.Account, hold)).Outcome);
        Assert.Equal((20, 0), await StandingAsync("Plan:llm.output_tokens:Day"));
    }

    [Fact]
    public async Task A_release_gives_everything_back_and_ends_the_hold()
    {
        _rig.Limit(Quota(1), Concurrency(1), Rate(1, TimeSpan.FromMinutes(1)));
        var hold = (await _rig.AskAsync(Requests())).HoldId!.Value;

        Assert.Equal(HoldOutcome.Done, (await _rig.Holds.ReleaseAsync(_rig.Account, hold)).Outcome);
        Assert.Equal(HoldOutcome.Repeated, (await _rig.Holds.ReleaseAsync(_rig.Account, hold)).Outcome);
        Assert.Equal(HoldOutcome.NotNow, (await _rig.CommitAsync(hold, "e1")).Outcome);
        Assert.True((await _rig.AskAsync(Requests())).IsAllowed);
    }

    [Fact]
    public async Task A_hold_whose_time_is_over_holds_nothing_and_its_late_commit_counts_as_debt()
    {
        _rig.Limit(Quota(10, Output));
        var hold = (await _rig.AskAsync(TimeSpan.FromSeconds(30), "chat", Tokens(8))).HoldId!.Value;
        Assert.False((await _rig.AskAsync(Tokens(8))).IsAllowed);

        _rig.Pass(TimeSpan.FromSeconds(31));
        var second = await _rig.AskAsync(Tokens(8));
        await _rig.CommitAsync(second.HoldId!.Value, "e2", Tokens(8));
        var late = await _rig.CommitAsync(hold, "e1", Tokens(8));

        Assert.True(second.IsAllowed);
        Assert.Equal((HoldOutcome.Done, HoldStates.Committed), (late.Outcome, late.State));
        var standing = await _rig.StandingAsync("Plan:llm.output_tokens:Day");
        Assert.Equal((16, 0, 0), (standing.Used, standing.Held, standing.Remaining));
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    [Fact]
    public async Task A_stream_commits_in_parts_and_keeps_the_rest_held()
    {
        _rig.Limit(Quota(100, Output));
        var hold = (await _rig.AskAsync(Tokens(50))).HoldId!.Value;

        await _rig.Holds.CommitAsync(_rig.Account, hold, [Tokens(20)], string.Empty, isFinal: false, TimeSpan.FromMinutes(1));
        var half = await StandingAsync("Plan:llm.output_tokens:Day");
        var repeated = await _rig.Holds.CommitAsync(_rig.Account, hold, [Tokens(20)], string.Empty, isFinal: false, TimeSpan.FromMinutes(1));
        var less = await _rig.Holds.CommitAsync(_rig.Account, hold, [Tokens(10)], string.Empty, isFinal: false, TimeSpan.FromMinutes(1));
        await _rig.CommitAsync(hold, "e1", Tokens(60));

        Assert.Equal((20, 30), half);
        Assert.Equal(HoldOutcome.Repeated, repeated.Outcome);
        Assert.Equal(HoldOutcome.Less, less.Outcome);
        Assert.Equal((60, 0), await StandingAsync("Plan:llm.output_tokens:Day"));
    }

    [Fact]
    public async Task A_hold_is_enlarged_while_there_is_room_and_stays_as_it_was_when_there_is_none()
    {
        _rig.Limit(Quota(1), Quota(100, Output), Concurrency(1));
        var hold = (await _rig.AskAsync(Requests(), Tokens(50))).HoldId!.Value;

        var enlarged = await EnlargeAsync(hold, Tokens(40));
        var refused = await EnlargeAsync(hold, Tokens(40));
        var clamped = await EnlargeAsync(hold, Tokens(40, minimum: 1));

        Assert.True(enlarged!.Decision.IsAllowed);
        Assert.False(refused!.Decision.IsAllowed);
        Assert.Equal(10, clamped!.Decision.Granted.Single(amount => amount.Unit == Output).Need);
        Assert.Equal((0, 100), await StandingAsync("Plan:llm.output_tokens:Day"));
        await _rig.CommitAsync(hold, "e1", Tokens(70));
        Assert.Equal((70, 0), await StandingAsync("Plan:llm.output_tokens:Day"));
        Assert.Equal((1, 0), await StandingAsync("Plan:llm.requests:Day"));
        Assert.Null(await EnlargeAsync(hold, Tokens(1)));
    }

    [Fact]
    public async Task Less_is_granted_where_less_is_enough()
    {
        _rig.Limit(Quota(30, Output), Quota(20, Output, LimitWindowKind.Month));

        var decision = await _rig.AskAsync(Tokens(100, minimum: 5));
        var none = await _rig.AskAsync(Tokens(100, minimum: 5));

        Assert.Equal(20, decision.Granted.Single().Need);
        Assert.False(none.IsAllowed);
    }

    [Fact]
    public async Task A_question_without_amounts_holds_nothing_and_says_whether_anything_is_left()
    {
        _rig.Limit(Quota(1));

        var before = await _rig.AskAsync(Requests(0));
        await _rig.AskAsync(Requests());
        var after = await _rig.AskAsync(Requests(0));

        Assert.True(before.IsAllowed);
        Assert.Null(before.HoldId);
        Assert.False(after.IsAllowed);
    }

    [Fact]
    public async Task A_budget_that_is_used_up_refuses_a_call_that_does_not_say_what_it_costs()
    {
        _rig.Limit(Quota(1_000_000_000, "USD", LimitWindowKind.Month));
        await _rig.RecordAndTellAsync(_rig.Usage(cost: 1.0000000001m));

        var decision = await _rig.AskAsync(Requests());

        Assert.Equal(DecisionReasons.BudgetExhausted, decision.Reason);
    }

    [Fact]
    public async Task A_shadowed_limit_is_counted_and_never_refuses()
    {
        _rig.Limit(Quota(1, shadow: true), Quota(3, window: LimitWindowKind.Month));

        await _rig.AskAsync(Requests());
        var second = await _rig.AskAsync(Requests());

        Assert.True(second.IsAllowed);
        Assert.True(second.Limits[0].Refuses);
        Assert.Equal(2, second.Limits[0].Held);
    }

    [Fact]
    public async Task A_limit_of_a_meter_that_the_call_does_not_name_does_not_concern_it()
    {
        _rig.Limit(Quota(0, "images"));

        Assert.True((await _rig.AskAsync(Requests())).IsAllowed);
        Assert.False((await _rig.AskAsync(Requests(), new UnitAmount("images", 1, 1))).IsAllowed);
    }

    [Fact]
    public async Task The_standing_of_the_account_and_access_rules_come_before_every_limit()
    {
        var rules = new AccessRule[]
        {
            new("beta", Pattern.TryParse("images*")!, Pattern.Everything, Pattern.Everything, IsAllowed: false, IsShadow: false, null, null),
        };
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [], Access = rules });
        var denied = await _rig.AskAsync(TimeSpan.FromMinutes(1), "images.large", Requests());
        var allowed = await _rig.AskAsync(Requests());
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [], Standing = AccountStanding.Banned });
        var banned = await _rig.AskAsync(Requests());

        Assert.Equal((DecisionReasons.AccessDenied, "beta"), (denied.Reason, denied.RefusedByPolicy));
        Assert.True(allowed.IsAllowed);
        Assert.Equal(DecisionReasons.AccountBanned, banned.Reason);
    }

    [Fact]
    public async Task Windows_begin_anew_and_what_was_held_before_is_counted_where_it_was_held()
    {
        _rig.Limit(Quota(10, Output));
        _rig.Pass(NextMidnight() - TimeSpan.FromSeconds(40));
        var yesterday = (await _rig.AskAsync(Tokens(10))).HoldId!.Value;
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);

        _rig.Pass(TimeSpan.FromSeconds(41));
        var today = await _rig.AskAsync(Tokens(10));
        await _rig.CommitAsync(yesterday, "e1", Tokens(10));

        Assert.True(today.IsAllowed);
        Assert.Equal((0, 10), await StandingAsync("Plan:llm.output_tokens:Day"));
    }

    [Fact]
    public async Task A_billing_period_goes_on_until_the_next_one_is_paid_for()
    {
        var start = _rig.Clock.Now.AddDays(-40);
        CompiledAccount Period(PolicySubject subject, DateTimeOffset from) => new()
        {
            Subject = subject,
            Limits = [Quota(10, Output, LimitWindowKind.BillingPeriod)],
            Period = new BillingPeriod(from, from.AddMonths(1)),
        };
        _rig.Compile(subject => Period(subject, start));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        var unpaid = await _rig.AskAsync(Tokens(1));
        _rig.Pass(TimeSpan.FromSeconds(1));
        var renewal = _rig.Clock.Now;
        _rig.Compile(subject => Period(subject, renewal));
        _rig.Pass(TimeSpan.FromSeconds(1));
        var paid = await _rig.AskAsync(Tokens(10));

        Assert.False(unpaid.IsAllowed);
        Assert.True(paid.IsAllowed);
    }

    [Fact]
    public async Task A_process_whose_clock_is_wrong_decides_by_the_servers()
    {
        _rig.Limit(Quota(10, Output));
        _rig.Clock.Set(DateTimeOffset.UtcNow.AddDays(-3).ToUnixTimeMilliseconds());
        var decision = await _rig.AskAsync(Tokens(10));

        Assert.True(decision.IsAllowed);
        Assert.Equal(DateTimeOffset.UtcNow.Date.AddDays(1), decision.Limits[0].ResetsAt!.Value.UtcDateTime);
        Assert.InRange((_rig.Clock.Now - DateTimeOffset.UtcNow).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_hold_of_another_account_is_unknown()
    {
        _rig.Limit(Quota(10));
        var hold = (await _rig.AskAsync(Requests())).HoldId!.Value;

        Assert.Equal(HoldOutcome.Unknown, (await _rig.Holds.CommitAsync(Guid.CreateVersion7(), hold, [], "e1", true, TimeSpan.Zero)).Outcome);
        Assert.Equal((0, 1), await StandingAsync("Plan:llm.requests:Day"));
    }

    private Task<EnlargedHold?> EnlargeAsync(Guid hold, params UnitAmount[] more) =>
        _rig.Engine.EnlargeAsync(_rig.Account, hold, more, TimeSpan.FromMinutes(1), CancellationToken.None);

    private TimeSpan NextMidnight() => _rig.Clock.Now.UtcDateTime.Date.AddDays(1) - _rig.Clock.Now.UtcDateTime;

    private async Task<(long Used, long Held)> StandingAsync(string code)
    {
        var standing = await _rig.StandingAsync(code);
        return (standing.Used, standing.Held);
    }
}
