using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What was once counted wrongly.</summary>
public sealed class RegressionTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private const string OutputByDay = "Plan:llm.output_tokens:Day";

    private readonly Rig _rig = new(application);

    [Fact]
    public async Task What_was_not_estimated_counts_from_its_commit_on()
    {
        _rig.Limit(Quota(100, Output), Rate(80, TimeSpan.FromMinutes(1), Output));
        var hold = (await _rig.AskAsync(Requests())).HoldId!.Value;

        await _rig.CommitAsync(hold, "e1", Tokens(70));

        Assert.Equal(70, (await _rig.StandingAsync(OutputByDay)).Used);
        Assert.Equal(70, (await _rig.StandingAsync($"rate:{Output}")).Used);
        await _rig.RecordAndTellAsync(_rig.Usage(output: 70, hold: hold));
        Assert.Equal(70, (await _rig.StandingAsync(OutputByDay)).Used);
    }

    [Fact]
    public async Task Sums_that_are_read_while_the_first_news_come_are_read_again()
    {
        _rig.Limit(Quota(100, Output));
        var layout = AccountLayout.Of(await _rig.CompiledAsync());
        var question = Question.OfEverything(layout, _rig.Clock.Now);
        var call = question.Call(isPlatform: false, null, TimeSpan.Zero, enlarges: false);
        var reader = application.Services.GetRequiredService<LedgerSumsReader>();
        var old = await reader.ReadAsync(_rig.Account, question.Account, [], _rig.Clock.Now, CancellationToken.None);
        // Nobody has asked about the account yet, and Redis has nothing that it could add the news to.
        await _rig.RecordAndTellAsync(_rig.Usage(output: 100));

        var answer = await AuthorizeScript.RunAsync(
            application.Services.GetRequiredService<PolicyRedis>(), _rig.Clock, new DecisionOptions(), call, old);

        Assert.Equal(AuthorizeStatus.Load, answer.Status);
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    [Fact]
    public async Task However_many_miss_the_sums_of_the_ledger_they_are_read_once()
    {
        _rig.Limit(Quota(1_000, Output));
        await _rig.AskAsync(Tokens(1));
        await _rig.LoseCountersAsync();
        var (asked, readings) = (_rig.Ledger.Asked, _rig.Ledger.Readings);
        await using var connection = await application.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE usage_counters IN ACCESS EXCLUSIVE MODE", connection, transaction))
        {
            await command.ExecuteNonQueryAsync();
        }

        var decisions = Enumerable.Range(0, 200).Select(_ => Task.Run(() => _rig.AskAsync(Tokens(1)))).ToList();
        await Eventually.EqualAsync(200L, () => Task.FromResult(_rig.Ledger.Asked - asked), "everybody to miss them");
        await transaction.RollbackAsync();

        Assert.All(await Task.WhenAll(decisions), decision => Assert.True(decision is { IsAllowed: true, IsDegraded: false }));
        Assert.Equal(1, _rig.Ledger.Readings - readings);
    }

    [Fact]
    public async Task A_database_that_was_put_back_does_not_keep_an_account_out()
    {
        _rig.Limit(Quota(100, Output));
        await _rig.AskAsync(Tokens(1));
        await _rig.Redis.GetDatabase().HashSetAsync(AccountLayout.TargetKey(AccountLayout.SlotOf(_rig.Account), AccountLayout.AccountTarget), [new("v", 1_000), new("e", "another")]);

        var decision = await _rig.AskAsync(Tokens(1));

        Assert.True(decision.IsAllowed);
        Assert.False(decision.IsDegraded);
    }

    [Fact]
    public async Task A_sum_of_costs_is_rounded_once_and_not_each_of_them()
    {
        _rig.Limit(Quota(1_000_000_000, "USD", LimitWindowKind.Month));
        await _rig.AskAsync(Requests());

        for (var call = 0; call < 5; call++)
        {
            await _rig.RecordAndTellAsync(_rig.Usage(cost: 0.0000000004m));
            await _rig.StandingAsync("Plan:USD:Month");
        }

        Assert.Equal(2, (await _rig.StandingAsync("Plan:USD:Month")).Used);
    }

    [Fact]
    public async Task A_correction_that_comes_before_what_is_used_later_in_its_window_is_not_lost()
    {
        _rig.Limit(Quota(100, Output));
        await _rig.AskAsync(Requests());

        await _rig.RecordAndTellAsync(_rig.Usage(output: -5, requests: -1));
        Assert.Equal(0, (await _rig.StandingAsync(OutputByDay)).Used);
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));

        Assert.Equal(5, (await _rig.StandingAsync(OutputByDay)).Used);
        await _rig.LoseCountersAsync();
        Assert.Equal(5, (await _rig.StandingAsync(OutputByDay)).Used);
    }

    [Fact]
    public async Task Where_nothing_is_left_a_minimum_of_nothing_lets_nothing_pass()
    {
        _rig.Limit(Quota(10, Output));
        await _rig.AskAsync(Tokens(10));

        Assert.False((await _rig.AskAsync(Tokens(10, minimum: 0))).IsAllowed);
    }

    [Fact]
    public async Task A_stream_goes_on_although_something_that_it_wants_no_more_of_is_used_beyond_its_limit()
    {
        _rig.Limit(Quota(2), Quota(100, Output));
        var hold = (await _rig.AskAsync(Requests(), Tokens(10))).HoldId!.Value;
        await _rig.RecordAndTellAsync(_rig.Usage(requests: 3));

        var enlarged = await _rig.Engine.EnlargeAsync(_rig.Account, hold, [Tokens(20)], TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.True(enlarged!.Decision.IsAllowed);
        Assert.Equal(1, (await _rig.StandingAsync("Plan:llm.requests:Day")).Held);
        Assert.Equal(30, (await _rig.StandingAsync(OutputByDay)).Held);
    }

    // Found by the property.
    [Fact]
    public async Task A_hold_is_enlarged_although_a_limit_of_calls_at_once_came_after_it_began()
    {
        _rig.Limit(Quota(100, Output));
        var hold = (await _rig.AskAsync(Tokens(10))).HoldId!.Value;
        _rig.Limit(Quota(100, Output), Concurrency(1));

        var enlarged = await _rig.Engine.EnlargeAsync(_rig.Account, hold, [Tokens(20)], TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.True(enlarged!.Decision.IsAllowed);
        Assert.Equal(0, (await _rig.StandingAsync("concurrency")).Held);
        Assert.True((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    // Found by the property.
    [Fact]
    public async Task A_limit_that_came_while_a_stream_ran_counts_what_the_stream_has_consumed()
    {
        _rig.Limit(Quota(100));
        var hold = (await _rig.AskAsync(Requests(), Tokens(30))).HoldId!.Value;
        await _rig.Holds.CommitAsync(_rig.Account, hold, [Tokens(20)], string.Empty, isFinal: false, TimeSpan.Zero);
        _rig.Limit(Quota(100), Quota(100, Output));

        await _rig.Engine.EnlargeAsync(_rig.Account, hold, [Tokens(30)], TimeSpan.FromMinutes(1), CancellationToken.None);

        var standing = await _rig.StandingAsync(OutputByDay);
        Assert.Equal((20, 10), (standing.Used, standing.Held));
        Assert.Equal(0, (await _rig.Counters.InspectAsync(_rig.Account, repair: false)).Differences);
    }

    [Fact]
    public async Task A_report_that_is_beyond_every_limit_keeps_nobody_else_from_being_counted()
    {
        _rig.Limit(Quota(100, "images"), Quota(100, Output));
        var flood = _rig.Usage() with { CustomMeters = new Dictionary<string, decimal> { ["images"] = 10_000_000_000_000_000_000m } };
        var other = new Rig(application);
        other.Limit(Quota(100, Output));

        await _rig.RecordAndTellAsync(flood, flood, _rig.Usage(output: 7), other.Usage(output: 5));

        Assert.Equal(7, (await _rig.StandingAsync(OutputByDay)).Used);
        Assert.Equal(5, (await other.StandingAsync(OutputByDay)).Used);
        Assert.False((await _rig.AskAsync(new UnitAmount("images", 1, 1))).IsAllowed);
    }

    [Fact]
    public async Task A_credit_beside_a_limit_that_is_only_watched_is_not_used_and_hinders_nothing()
    {
        var grant = new CompiledGrant(Guid.CreateVersion7(), "USD", 5_000_000_000, DateTimeOffset.UnixEpoch, null);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000_000_000, "USD", LimitWindowKind.Month, shadow: true)], Grants = [grant] });

        await _rig.RecordAndTellAsync(_rig.Usage(cost: 3));

        Assert.Equal(3_000_000_000, (await _rig.StandingAsync("Plan:USD:Month")).Used);
        Assert.True((await _rig.AskAsync(Dollars(1))).IsAllowed);
    }
}
