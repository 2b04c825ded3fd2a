using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What users of other systems have complained about, by the number of their issue. docs/complaints.md has them all, with what holds them here.</summary>
public sealed class ComplaintTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private readonly Rig _rig = new(application);

    // father-bot/chatgpt_telegram_bot#168, #266: a person's own budget in dollars, whatever the account has.
    [Fact]
    public async Task A_persons_budget_in_dollars_refuses_the_person_and_nobody_else()
    {
        var colleague = Guid.CreateVersion7();
        _rig.Compile(subject => new CompiledAccount
        {
            Subject = subject,
            Limits =
            [
                Quota(100_000_000_000, "USD", LimitWindowKind.Month),
                Quota(1_000_000_000, "USD", LimitWindowKind.Month, LimitScope.User, subject.UserId),
                Quota(1_000, Output, scope: LimitScope.User, user: subject.UserId),
            ],
        });
        var hold = (await _rig.AskAsync(Dollars(0.75m))).HoldId!.Value;
        await _rig.CommitAsync(hold, "e1", Dollars(0.80m));
        await _rig.RecordAndTellAsync(_rig.Usage(cost: 0.80m, hold: hold));

        var refused = await _rig.AskAsync(Dollars(0.21m));
        var last = await _rig.AskAsync(Dollars(0.20m));
        var other = await _rig.Engine.AuthorizeAsync(
            new DecisionRequest(new PolicySubject(_rig.Account, colleague, null), "chat", "m1", "web", [Dollars(0.9m)], TimeSpan.FromMinutes(2)), CancellationToken.None);

        Assert.Equal((false, LimitScope.User, "USD"), (refused.IsAllowed, refused.RefusedBy!.Value.Limit.Scope, refused.RefusedBy.Value.Limit.Unit));
        Assert.Equal(DecisionReasons.BudgetExhausted, refused.Reason);
        Assert.True(last.IsAllowed);
        Assert.True(other.IsAllowed);
    }

    // litellm#37992: an explicit zero was replaced by an estimate.
    [Fact]
    public async Task A_zero_that_is_committed_is_a_zero_and_what_is_not_named_is_as_granted()
    {
        _rig.Limit(Quota(10), Quota(100, Output), Quota(1_000_000_000, "USD", LimitWindowKind.Month));
        var zero = (await _rig.AskAsync(Requests(), Tokens(60), Dollars(0.5m))).HoldId!.Value;
        await _rig.CommitAsync(zero, "e1", Requests(), Tokens(0), Dollars(0));

        var afterZero = (await UsedAsync(Output), await UsedAsync("USD", LimitWindowKind.Month), await UsedAsync(Meters.Requests));
        var silent = (await _rig.AskAsync(Requests(), Tokens(60), Dollars(0.5m))).HoldId!.Value;
        await _rig.CommitAsync(silent, "e2");

        Assert.Equal((0, 0, 1), afterZero);
        Assert.Equal((60, 500_000_000, 2), (await UsedAsync(Output), await UsedAsync("USD", LimitWindowKind.Month), await UsedAsync(Meters.Requests)));
    }

    // litellm#22726: blocked although no budget was set.
    [Fact]
    public async Task Who_has_no_limit_is_refused_nothing()
    {
        _rig.Limit();

        var decision = await _rig.AskAsync(Requests(1_000_000), Tokens(1_000_000_000), Dollars(4_000_000));

        Assert.True(decision.IsAllowed);
        Assert.Empty(decision.Limits);
    }

    // litellm#27735: what was spent in a window that is over went on to refuse.
    [Fact]
    public async Task What_was_spent_in_a_window_that_is_over_refuses_nothing()
    {
        _rig.Limit(Quota(1_000_000_000, "USD"));
        await _rig.RecordAndTellAsync(_rig.Usage(cost: 5m));
        Assert.False((await _rig.AskAsync(Dollars(0.1m))).IsAllowed);

        // The clock follows the server's answers.
        _rig.Pass(TimeSpan.FromDays(1));
        await _rig.AskAsync(Dollars(0));

        Assert.True((await _rig.AskAsync(Dollars(1))).IsAllowed);
    }

    // litellm#23714, #26672: a budget of the person did not hold when the key belonged to a team.
    [Fact]
    public async Task An_organizations_budget_switches_no_budget_of_a_person_off()
    {
        _rig.Limit(
            Quota(500_000_000_000, "USD", LimitWindowKind.Month, LimitScope.Organization), Quota(1_000_000_000, "USD", LimitWindowKind.Month, LimitScope.User, _rig.User));
        await _rig.RecordAndTellAsync(_rig.Usage(cost: 1m));

        var decision = await _rig.AskAsync(Dollars(0.000000001m));

        Assert.Equal((false, LimitScope.User), (decision.IsAllowed, decision.RefusedBy!.Value.Limit.Scope));
    }

    // litellm#37923 and the pull request 33736: a stream that was cut off, or whose client went away, cost nothing.
    [Fact]
    public async Task A_stream_that_nobody_ends_counts_what_it_has_said_so_far()
    {
        _rig.Limit(Quota(100, Output), Quota(1_000_000_000, "USD", LimitWindowKind.Month));
        var hold = (await _rig.AskAsync(TimeSpan.FromMinutes(2), "chat", Tokens(50), Dollars(0.5m))).HoldId!.Value;
        await _rig.Holds.CommitAsync(_rig.Account, hold, [Tokens(40), Dollars(0.4m)], string.Empty, isFinal: false, TimeSpan.Zero);

        _rig.Pass(TimeSpan.FromMinutes(3));
        await _rig.AskAsync(Requests(0));

        Assert.Equal((40, 400_000_000), (await UsedAsync(Output), await UsedAsync("USD", LimitWindowKind.Month)));
        // Whoever comes late with the rest counts too.
        await _rig.CommitAsync(hold, "e1", Tokens(45), Dollars(0.45m));
        Assert.Equal((45, 450_000_000), (await UsedAsync(Output), await UsedAsync("USD", LimitWindowKind.Month)));
    }

    private async Task<long> UsedAsync(string unit, LimitWindowKind window = LimitWindowKind.Day) => (await _rig.StandingAsync($"Plan:{unit}:{window}")).Used;
}
