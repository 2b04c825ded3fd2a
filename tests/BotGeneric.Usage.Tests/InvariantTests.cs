using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Usage.Tests;

/// <summary>How much the check of ledger and rollups costs, and that it is seen.</summary>
public sealed class InvariantTests
{
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_check_reads_so_many_entries_and_the_next_one_goes_on_within_the_account()
    {
        await using var application = new RollupApplication();
        await application.InitializeAsync();
        await RecordAsync(application, 1_000);
        // In the last quarter of an hour of the account, and in the first one.
        await application.SqlAsync($"UPDATE usage_rollups SET requests = requests + 1 WHERE bucket = (SELECT max(bucket) FROM usage_rollups)");
        await application.SqlAsync($"UPDATE usage_rollups SET requests = requests + 1 WHERE bucket = (SELECT min(bucket) FROM usage_rollups)");
        var check = Check(application, new RollupOptions { InvariantEntries = 150 });

        var runs = new List<InvariantRun>();
        while (runs.Sum(run => run.Entries) < 1_000)
        {
            runs.Add((await check.RunAsync(CancellationToken.None))!);
        }

        // A quarter of an hour has 15.
        Assert.All(runs, run => Assert.InRange(run.Entries, 0, 150));
        Assert.InRange(runs.Count, 7, 9);
        Assert.Single(runs[0].Violations);
        Assert.Equal(2, runs.Sum(run => run.Violations.Count));
        // And from the beginning again, whatever the last run had left of its entries.
        await check.RunAsync(CancellationToken.None);
        Assert.Single((await NextOfAsync(check)).Violations);
        Assert.Equal([0], runs.Select(run => run.Skipped).Distinct());
        await ReleaseAsync(application);
    }

    [Fact]
    public async Task A_quarter_of_an_hour_with_more_entries_than_a_check_reads_is_checked_whole()
    {
        await using var application = new RollupApplication();
        await application.InitializeAsync();
        await RecordAsync(application, 1_000, TimeSpan.Zero);
        await application.SqlAsync("UPDATE usage_rollups SET requests = requests + 1");

        var check = Check(application, new RollupOptions { InvariantEntries = 100 });

        // What lies before it, then itself.
        Assert.Empty((await check.RunAsync(CancellationToken.None))!.Violations);
        Assert.Single((await check.RunAsync(CancellationToken.None))!.Violations);
        await ReleaseAsync(application);
    }

    [Fact]
    public async Task What_takes_too_long_is_left_out_and_said_and_keeps_no_other_account_from_its_turn()
    {
        await using var application = new RollupApplication();
        await application.InitializeAsync();
        await RecordAsync(application, 10);
        var options = new RollupOptions { InvariantTimeout = TimeSpan.FromSeconds(1) };
        var check = Check(application, options);
        await using var holder = new NpgsqlConnection(application.Database.ConnectionString);
        await holder.OpenAsync();
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using var locking = new NpgsqlCommand("LOCK TABLE meters IN ACCESS EXCLUSIVE MODE", holder, transaction);
            await locking.ExecuteNonQueryAsync();

            Assert.Equal((1, 1), Of((await check.RunAsync(CancellationToken.None))!));
        }

        // The round was over with it, and another one begins; now there is time enough on any machine.
        options.InvariantTimeout = TimeSpan.FromMinutes(1);
        Assert.Equal((1, 0), Of((await check.RunAsync(CancellationToken.None))!));
        await ReleaseAsync(application);

        static (int Accounts, int Skipped) Of(InvariantRun run) => (run.Accounts, run.Skipped);
    }

    [Fact]
    public async Task A_difference_turns_the_line_of_the_health_report_to_degraded_and_leaves_the_service_ready()
    {
        await using var application = new CheckingUsage();
        await application.InitializeAsync();
        using var client = application.CreateOperatorClient();
        Assert.Equal(HealthStatus.Healthy, await application.HealthAsync("ledger-invariants"));
        await using (var connection = new NpgsqlConnection(application.Database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var damage = new NpgsqlCommand(
                $"INSERT INTO usage_rollups (bucket, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, entries, unpriced, account_id, is_archived, cost, feature) VALUES ('2026-01-01Z', 1, 0, 0, 0, 0, 0, 1, 0, '{_account}', false, 0, 'chat')",
                connection);
            await damage.ExecuteNonQueryAsync();
        }

        await Eventually.GetAsync(() => application.HealthAsync("ledger-invariants"), status => status == HealthStatus.Degraded, "the line to say so");

        using var ready = await client.GetAsync("/health");
        Assert.True(ready.IsSuccessStatusCode);
        Assert.Contains("ledger-invariants", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var report = await client.GetFromJsonAsync<JsonElement>("/api/admin/usage/invariants");
        Assert.True(report.GetProperty("violations").GetInt32() > 0);
        await ReleaseAsync(application);
    }

    private static InvariantCheck Check(RollupApplication application, RollupOptions options) =>
        new(application.Services.GetRequiredService<NpgsqlDataSource>(), Options.Create(options), application.Clock);

    private static async Task<InvariantRun> NextOfAsync(InvariantCheck check)
    {
        InvariantRun run;
        do
        {
            run = (await check.RunAsync(CancellationToken.None))!;
        }
        while (run.Violations.Count == 0);

        return run;
    }

    // One a minute, or all at once.
    private async Task RecordAsync(RollupApplication application, int entries, TimeSpan? apart = null)
    {
        var start = new DateTimeOffset(2026, 3, 28, 0, 0, 0, TimeSpan.Zero);
        await application.RecordAsync([.. Enumerable.Range(0, entries).Select(number => application.Call(_account, start + (number * (apart ?? TimeSpan.FromMinutes(1)))))]);
        await application.Services.GetRequiredService<RollupFolder>().FoldAllAsync(CancellationToken.None);
    }

    private static Task ReleaseAsync(IAsyncLifetime application) => application.DisposeAsync();

    /// <summary>Usage that checks all the time.</summary>
    private sealed class CheckingUsage() : ServiceApplication<Program>("usage")
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Usage:Rollups:InvariantInterval"] = "00:00:00.0500000" };

        internal async Task<HealthStatus> HealthAsync(string line) =>
            (await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == line)).Status;
    }
}
