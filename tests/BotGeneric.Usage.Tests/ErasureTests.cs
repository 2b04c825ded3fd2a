using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;

namespace BotGeneric.Usage.Tests;

/// <summary>The ledger is money: it stays, and holds ids only.</summary>
public sealed class ErasureTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    [Fact]
    public async Task A_deletion_is_answered()
    {
        var person = Guid.CreateVersion7();

        var answer = await application.Services.EraseAsync<UsageDbContext>(person);

        Assert.Equal(("usage", person), (answer.Service, answer.UserId));
    }
}
