using BotGeneric.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>Two accounts of one person become one.</summary>
public sealed class MergeTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly Guid _absorbed = Guid.CreateVersion7();
    private readonly Guid _kept = Guid.CreateVersion7();

    [Fact]
    public async Task Entries_are_the_other_accounts_and_what_is_reported_later_too()
    {
        await AppendAsync(_absorbed, "a");
        await AppendAsync(_kept, "b");

        await application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept);
        await application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept);

        Assert.Equal(1, await AppendAsync(_absorbed, "c"));
        Assert.Equal(["a", "b", "c"], (await LedgerAsync(_kept)).Select(entry => entry.SourceId));
        Assert.Empty(await LedgerAsync(_absorbed));
    }

    [Fact]
    public async Task A_repetition_under_either_account_is_a_duplicate()
    {
        await AppendAsync(_absorbed, "a");
        await application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept);

        Assert.Equal(0, await AppendAsync(_absorbed, "a"));
        Assert.Equal(0, await AppendAsync(_kept, "a"));
    }

    [Theory]
    [InlineData("tests")]
    [InlineData("long")]
    public async Task Two_calls_that_a_source_gave_one_id_stay_two(string source)
    {
        source = source == "long" ? new string('s', CloudEventLimits.MaximumSourceLength) : source;
        await AppendAsync(_absorbed, "same", source);
        await AppendAsync(_kept, "same", source);

        await application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept);

        var entries = await LedgerAsync(_kept);
        Assert.Equal(2, entries.Count);
        Assert.Single(entries, entry => entry.Source == source);
        Assert.Single(entries, entry => entry.Source.EndsWith($"#{_absorbed}", StringComparison.Ordinal));
        Assert.Equal(0, await AppendAsync(_absorbed, "same", source));
    }

    [Fact]
    public async Task Usage_that_is_reported_while_accounts_are_merged_is_not_lost()
    {
        var work = Enumerable.Range(0, 24).Select(number => number == 8
            ? application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept)
            : AppendAsync(number % 2 == 0 ? _absorbed : _kept, $"e{number}")).ToList();

        await Task.WhenAll(work);

        Assert.Equal(23, (await LedgerAsync(_kept)).Count);
        Assert.Empty(await LedgerAsync(_absorbed));
    }

    [Fact]
    public async Task A_merge_waits_for_whoever_writes_under_an_id_that_became_part_of_the_absorbed_account_before()
    {
        var first = Guid.CreateVersion7();
        await application.Services.MergeAsync<UsageDbContext>(first, _absorbed);
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var aliases = await AccountAliases.ResolveAsync(db, [first], CancellationToken.None);

        var merging = application.Services.MergeAsync<UsageDbContext>(_absorbed, _kept);
        await Eventually.GetAsync(WaitingAsync, waiting => waiting, "the merge to wait");
        db.Ledger.Add(Entry(aliases.Of(first), "late"));
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        await merging;

        Assert.Empty(await LedgerAsync(_absorbed));
        Assert.Equal(["late"], (await LedgerAsync(_kept)).Select(entry => entry.SourceId));

        Task<bool> WaitingAsync() => db.Database
            .SqlQuery<bool>($"SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS \"Value\"")
            .SingleAsync();
    }

    private async Task<int> AppendAsync(Guid account, string id, string source = "tests")
    {
        var stored = await application.Services.GetRequiredService<LedgerQueue>().AppendAsync([Entry(account, id, source)]);
        return stored.Count(isNew => isNew);
    }

    private static LedgerEntry Entry(Guid account, string id, string source = "tests")
    {
        var now = TimeProvider.System.GetUtcNow();
        return new LedgerEntry
        {
            Id = Guid.CreateVersion7(),
            AccountId = account,
            Source = source,
            SourceId = id,
            Time = now,
            RecordedAt = now,
            Feature = "chat",
        };
    }

    private async Task<List<LedgerEntry>> LedgerAsync(Guid account)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking()
            .Where(entry => entry.AccountId == account)
            .OrderBy(entry => entry.SourceId)
            .ToListAsync();
    }
}
