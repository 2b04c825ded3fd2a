using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>What an organization used and paid for stays and leads to nobody; what the person used goes.</summary>
public sealed class ErasureTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly Guid _person = Guid.CreateVersion7();
    private readonly Guid _organization = Guid.CreateVersion7();

    [Fact]
    public async Task A_persons_own_entries_go_and_those_of_organizations_lose_the_person()
    {
        var ledger = application.Services.GetRequiredService<LedgerQueue>();
        await ledger.AppendAsync([
            Some.Entry(_person, "own") with { UserId = _person },
            Some.Entry(_organization, "for others") with { UserId = _person, InputTokens = 5 },
            Some.Entry(_organization, "of others") with { UserId = _organization },
        ]);

        var answer = await application.Services.EraseAsync<UsageDbContext>(_person);

        Assert.Equal(("usage", _person), (answer.Service, answer.UserId));
        Assert.Empty(await RowsAsync(_person));
        var rows = await RowsAsync(_organization);
        Assert.Equal(2, rows.Count);
        Assert.Null(rows.Single(row => row.SourceId == "for others").UserId);
        Assert.Equal(5, rows.Sum(row => row.InputTokens));
    }

    [Fact]
    public async Task Who_becomes_one_with_another_account_is_that_one_in_organizations_as_well()
    {
        var kept = Guid.CreateVersion7();
        var ledger = application.Services.GetRequiredService<LedgerQueue>();
        await ledger.AppendAsync([Some.Entry(_organization, "a") with { UserId = _person }, Some.Entry(_person, "b") with { UserId = _person }]);

        await application.Services.MergeAsync<UsageDbContext>(_person, kept);
        await ledger.AppendAsync([Some.Entry(_organization, "c") with { UserId = _person }]);

        Assert.All(await RowsAsync(_organization), row => Assert.Equal(kept, row.UserId));
        Assert.Equal(kept, Assert.Single(await RowsAsync(kept)).UserId);
    }

    private async Task<List<LedgerEntry>> RowsAsync(Guid account)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking().Where(row => row.AccountId == account).ToListAsync();
    }
}
