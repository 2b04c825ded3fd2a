using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

public sealed class CounterCheckTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private readonly Rig _rig = new(application);

    [Fact]
    public async Task Counters_in_use_are_what_ledger_commits_and_holds_say()
    {
        _rig.Limit(Quota(100, Output), Quota(100), Concurrency(5));
        application.Accounts.Set(_rig.Account, subject => new CompiledAccount { Subject = subject, Limits = [Quota(100, Output), Quota(100), Concurrency(5)] });
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        var held = await _rig.AskAsync(Requests(), Tokens(20));
        var committed = await _rig.AskAsync(Requests(), Tokens(20));
        await _rig.CommitAsync(committed.HoldId!.Value, "e1", Tokens(7));

        var run = await CheckAsync();

        Assert.NotNull(held.HoldId);
        Assert.Equal((1, 1, 1), (run.Accounts, run.LiveHolds, run.UnsettledCommits));
        Assert.Empty(run.Violations);
    }

    [Fact]
    public async Task A_counter_that_was_changed_by_somebody_else_is_reported_and_read_anew()
    {
        application.Accounts.Set(_rig.Account, subject => new CompiledAccount { Subject = subject, Limits = [Quota(100, Output)] });
        _rig.Limit(Quota(100, Output));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(1));
        await TamperAsync();

        var run = await CheckAsync();

        Assert.Contains(run.Violations, violation => violation is { Kind: "ledger", Drift: 5 } && violation.AccountId == _rig.Account);
        Assert.Equal(10, (await _rig.StandingAsync("Plan:llm.output_tokens:Day")).Used);
        Assert.Empty((await CheckAsync()).Violations);
    }

    private Task<CounterCheckRun> CheckAsync()
    {
        var services = application.Services;
        var check = new CounterCheck(
            services.GetRequiredService<IServiceScopeFactory>(), application.Accounts, _rig.Counters,
            new LedgerSumsReader(services.GetRequiredService<NpgsqlDataSource>()), _rig.Clock, TimeProvider.System);
        return check.RunAsync([_rig.Account], CancellationToken.None);
    }

    // Five units more than the ledger has, as an operator's slip of the hand would.
    private Task TamperAsync() => _rig.Redis.GetDatabase().ScriptEvaluateAsync(
        """
        local fields = redis.call('HGETALL', KEYS[1])
        for index = 1, #fields, 2 do
          if #fields[index] > 17 then
            local ledger = struct.unpack('<d', fields[index + 1])
            redis.call('HSET', KEYS[1], fields[index], struct.pack('<d', ledger + 5) .. string.sub(fields[index + 1], 9))
          end
        end
        """,
        [AccountLayout.TargetKey(AccountLayout.SlotOf(_rig.Account), AccountLayout.AccountTarget)]);
}
