using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace BotGeneric.Usage.Tests;

/// <summary>A Usage whose clock the test moves.</summary>
public sealed class ClockedUsage() : ServiceApplication<Program>("usage")
{
    public TestClock Clock { get; } = new();

    protected override void ConfigureServices(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
}

/// <summary>Duplicates over time: partitions, the window, and the turn of a month.</summary>
public sealed class LedgerWindowTests
{
    private readonly Guid _account = Guid.CreateVersion7();

    [Theory]
    [InlineData(33)]
    [InlineData(34.9)]
    public async Task An_event_is_a_duplicate_for_the_whole_window_across_partitions_whatever_its_time(double days)
    {
        await using var usage = await StartAsync();
        Assert.Equal(1, await AppendAsync(usage, "a"));

        usage.Clock.Advance(TimeSpan.FromDays(days));

        Assert.Equal(0, await AppendAsync(usage, "a"));
        Assert.Equal(1, await AppendAsync(usage, "b"));
        await StopAsync(usage);
    }

    [Fact]
    public async Task After_the_window_an_id_may_be_used_again()
    {
        await using var usage = await StartAsync();
        Assert.Equal(1, await AppendAsync(usage, "a"));

        usage.Clock.Advance(TimeSpan.FromDays(36));

        Assert.Equal(1, await AppendAsync(usage, "a"));
        await StopAsync(usage);
    }

    [Fact]
    public async Task After_years_without_a_start_an_insert_still_finds_its_partition()
    {
        await using var usage = await StartAsync();
        usage.Clock.Advance(TimeSpan.FromDays(1000));

        Assert.Equal(1, await AppendAsync(usage, "a"));

        var month = LedgerMonths.MonthOf(usage.Clock.GetUtcNow());
        var names = await QueryAsync<string>(usage, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass");
        Assert.All([month, month.AddMonths(1), month.AddMonths(2)], needed => Assert.Contains($"ledger_{needed:yyyy_MM}", names));
        await StopAsync(usage);
    }

    [Fact]
    public async Task Two_writers_on_either_side_of_a_turn_of_the_month_store_an_event_once()
    {
        await using var usage = await StartAsync();
        ToJustBeforeTheNextMonth(usage.Clock);
        var late = new TestClock();
        late.Advance(usage.Clock.GetUtcNow() - TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(2));
        await using var ahead = usage.WithWebHostBuilder(builder => Microsoft.AspNetCore.TestHost.WebHostBuilderExtensions.ConfigureTestServices(
            builder, services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(late))));
        var writers = new[] { usage.Services.GetRequiredService<LedgerQueue>(), ahead.Services.GetRequiredService<LedgerQueue>() };

        var stored = await Task.WhenAll(Enumerable.Range(0, 400).Select(number =>
            writers[number % 2].AppendAsync([Some.Entry(_account, $"e{number / 4}"), Some.Entry(_account, $"f{number / 4}")])));

        Assert.Equal(200, stored.SelectMany(flags => flags).Count(isNew => isNew));
        Assert.Equal(200, (await QueryAsync<long>(usage, $"SELECT count(*) FROM ledger WHERE account_id = '{_account}'")).Single());
        // Who is behind writes into the new month as well.
        await writers[1].AppendAsync([Some.Entry(_account, "ahead")]);
        await writers[0].AppendAsync([Some.Entry(_account, "behind")]);
        var days = await QueryAsync<DateOnly>(usage, "SELECT (recorded_at AT TIME ZONE 'UTC')::date FROM ledger WHERE source_id IN ('ahead', 'behind')");
        Assert.Equal(2, days.Count);
        Assert.All(days, day => Assert.Equal(LedgerMonths.MonthOf(late.GetUtcNow()), new DateOnly(day.Year, day.Month, 1)));
        await StopAsync(usage);
    }

    [Fact]
    public async Task Whoever_turns_the_month_waits_for_those_who_still_write_to_the_old_one()
    {
        await using var usage = await StartAsync();
        ToJustBeforeTheNextMonth(usage.Clock);
        var append = usage.Services.GetRequiredService<LedgerAppend>();
        await using var connection = new NpgsqlConnection(usage.Database.ConnectionString);
        await connection.OpenAsync();
        await LedgerAppend.PrepareAsync(connection, CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        var first = await append.AppendAsync(connection, transaction, [Some.Entry(_account, "a")], (_, _) => [], CancellationToken.None);
        Assert.True(Assert.Single(first!));

        usage.Clock.Advance(TimeSpan.FromMinutes(2));
        var second = AppendAsync(usage, "a");
        await BotGeneric.Testing.Eventually.GetAsync(
            async () => (await QueryAsync<long>(usage, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")).Single(),
            waiting => waiting > 0,
            "the writer of the new month to wait");
        Assert.False(second.IsCompleted);
        await transaction.CommitAsync();

        Assert.Equal(0, await second);
        await StopAsync(usage);
    }

    [Fact]
    public async Task What_is_recorded_cannot_be_changed_or_deleted()
    {
        await using var usage = await StartAsync();
        await AppendAsync(usage, "a");
        await using var scope = usage.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();

        await Assert.ThrowsAsync<PostgresException>(() => db.Database.ExecuteSqlAsync($"UPDATE ledger SET input_tokens = 5 WHERE account_id = {_account}"));
        await Assert.ThrowsAsync<PostgresException>(() => db.Database.ExecuteSqlAsync($"DELETE FROM ledger WHERE account_id = {_account}"));
        await using var transaction = await db.Database.BeginTransactionAsync();
        await LedgerChange.AllowAsync(db, LedgerChange.Merge, CancellationToken.None);
        await Assert.ThrowsAsync<PostgresException>(() => db.Database.ExecuteSqlAsync($"UPDATE ledger SET input_tokens = 5 WHERE account_id = {_account}"));
        await StopAsync(usage);
    }

    private static async Task<ClockedUsage> StartAsync()
    {
        var usage = new ClockedUsage();
        await usage.InitializeAsync();
        return usage;
    }

    private static Task StopAsync(ClockedUsage usage) => ((IAsyncLifetime)usage).DisposeAsync();

    private static void ToJustBeforeTheNextMonth(TestClock clock)
    {
        var now = clock.GetUtcNow();
        clock.Advance(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1).AddMinutes(-1) - now);
    }

    private async Task<int> AppendAsync(ClockedUsage usage, string id)
    {
        var entry = Some.Entry(_account, id) with { Time = usage.Clock.GetUtcNow() };
        return (await usage.Services.GetRequiredService<LedgerQueue>().AppendAsync([entry])).Count(isNew => isNew);
    }

    private static async Task<List<T>> QueryAsync<T>(ClockedUsage usage, string sql)
    {
        _ = usage.Services;
        await using var connection = new NpgsqlConnection(usage.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetFieldValue<T>(0));
        }

        return rows;
    }
}
