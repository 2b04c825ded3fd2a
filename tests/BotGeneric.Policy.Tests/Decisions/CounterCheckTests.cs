using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
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
        await TamperAsync(Ledger);

        var run = await CheckAsync();

        Assert.Contains(run.Violations, violation => violation is { Kind: "ledger", Drift: 5 } && violation.AccountId == _rig.Account);
        Assert.Equal(10, (await _rig.StandingAsync("Plan:llm.output_tokens:Day")).Used);
        Assert.Empty((await CheckAsync()).Violations);
    }

    [Fact]
    public async Task Counters_whose_holds_are_lost_are_found_and_put_right()
    {
        LimitTo(Quota(100, Output), Concurrency(5), Quota(80, Output, scope: LimitScope.User, user: _rig.User));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(20));
        var committed = await _rig.AskAsync(Tokens(20));
        await _rig.CommitAsync(committed.HoldId!.Value, "e1", Tokens(7));
        // As when Redis throws keys away by itself: the records of holds are gone and the counters live on.
        await _rig.Redis.GetDatabase().KeyDeleteAsync([.. new[] { "h", "x", "d", "w" }.Select(key => AccountLayout.TargetKey(AccountLayout.SlotOf(_rig.Account), key))]);
        Assert.Equal((17, 20, 1), await StandingAsync());

        var run = await CheckAsync();

        Assert.Equal(["holds"], run.Violations.Select(violation => violation.Kind));
        Assert.Equal((10, 0, 0), await StandingAsync());
        Assert.Equal((10, 0), ((await _rig.StandingAsync("User:llm.output_tokens:Day")).Used, (await _rig.StandingAsync("User:llm.output_tokens:Day")).Held));
        Assert.Empty((await CheckAsync()).Violations);
    }

    [Fact]
    public async Task A_counter_below_zero_is_reported_as_such_and_put_right()
    {
        LimitTo(Quota(100, Output), Concurrency(5));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(20));
        await TamperAsync("struct.pack('<d', struct.unpack('<d', value)) .. struct.pack('<dd', -3, -4) .. string.sub(value, 25)");

        var run = await CheckAsync();

        Assert.Equal(["negative"], run.Violations.Select(violation => violation.Kind));
        Assert.Equal((10, 20, 1), await StandingAsync());
        Assert.Empty((await CheckAsync()).Violations);
    }

    [Fact]
    public async Task A_counter_that_is_not_the_sum_of_its_holds_is_reported_as_such_and_put_right()
    {
        LimitTo(Quota(100, Output), Concurrency(5));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(20));
        await TamperAsync("string.sub(value, 1, 16) .. struct.pack('<d', 33) .. string.sub(value, 25)");

        var run = await CheckAsync();

        Assert.Equal(["holds"], run.Violations.Select(violation => violation.Kind));
        Assert.Equal((10, 20, 1), await StandingAsync());
    }

    [Fact]
    public async Task An_account_that_cannot_be_looked_at_keeps_no_other_from_it()
    {
        LimitTo(Quota(100, Output));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(1));
        await TamperAsync(Ledger);
        // Something else stands where its holds should be.
        var broken = Guid.CreateVersion7();
        await _rig.Redis.GetDatabase().StringSetAsync(AccountLayout.TargetKey(AccountLayout.SlotOf(broken), "h"), "no hash", TimeSpan.FromMinutes(5));

        var run = await CheckAsync(broken, _rig.Account);

        Assert.Equal((2, 1), (run.Accounts, run.Failed));
        Assert.Contains(run.Violations, violation => violation is { Kind: "ledger", Drift: 5 } && violation.AccountId == _rig.Account);
    }

    [Fact]
    public async Task What_was_found_is_in_the_health_report_in_the_metric_and_shown_to_admins()
    {
        var found = new ConcurrentBag<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "policy.invariant.violations")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => found.Add(tags[0].Value as string));
        listener.Start();
        var worker = application.Services.GetRequiredService<CounterCheckWorker>();
        var health = application.Services.GetRequiredService<HealthCheckService>();
        LimitTo(Quota(100, Output));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        await _rig.AskAsync(Tokens(20));
        await TamperAsync("string.sub(value, 1, 16) .. struct.pack('<d', 33) .. string.sub(value, 25)");

        // Account after account, until it is this one's turn.
        while ((await worker.RunAsync(CancellationToken.None)).Violations.All(violation => violation.AccountId != _rig.Account))
        {
        }

        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync(check => check.Name == CounterCheckWorker.Name)).Status);
        Assert.Contains("holds", found);
        using var client = application.CreateOperatorClient();
        using var ready = await client.GetAsync("/health");
        Assert.True(ready.IsSuccessStatusCode);
        Assert.Contains(CounterCheckWorker.Name, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var report = await client.GetFromJsonAsync<JsonElement>("/api/admin/policies/invariants");
        Assert.Contains(
            report.GetProperty("runs").EnumerateArray().SelectMany(run => run.GetProperty("violations").EnumerateArray()),
            violation => violation.GetProperty("accountId").GetGuid() == _rig.Account && violation.GetProperty("kind").GetString() == "holds");
    }

    private const string Ledger = "struct.pack('<d', struct.unpack('<d', value) + 5) .. string.sub(value, 9)";

    private void LimitTo(params CompiledLimit[] limits)
    {
        _rig.Limit(limits);
        application.Accounts.Set(_rig.Account, subject => new CompiledAccount { Subject = subject, Limits = limits });
    }

    private async Task<(long Used, long Held, long Running)> StandingAsync()
    {
        var quota = await _rig.StandingAsync("Plan:llm.output_tokens:Day");
        return (quota.Used, quota.Held, (await _rig.StandingAsync("concurrency")).Held);
    }

    private Task<CounterCheckRun> CheckAsync() => CheckAsync(_rig.Account);

    private Task<CounterCheckRun> CheckAsync(params Guid[] accounts)
    {
        var services = application.Services;
        var check = new CounterCheck(
            services.GetRequiredService<IServiceScopeFactory>(), application.Accounts, _rig.Counters,
            new LedgerSumsReader(services.GetRequiredService<NpgsqlDataSource>()), _rig.Clock, TimeProvider.System, NullLogger<CounterCheck>.Instance);
        return check.RunAsync(accounts, CancellationToken.None);
    }

    // What an operator's slip of the hand would do to the windows of the account.
    private Task TamperAsync(string change) => _rig.Redis.GetDatabase().ScriptEvaluateAsync(
        $"""
        local fields = redis.call('HGETALL', KEYS[1])
        for index = 1, #fields, 2 do
          local value = fields[index + 1]
          if #fields[index] > 17 then redis.call('HSET', KEYS[1], fields[index], {change}) end
        end
        """,
        [AccountLayout.TargetKey(AccountLayout.SlotOf(_rig.Account), AccountLayout.AccountTarget)]);
}
