using BotGeneric.Contracts;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

/// <summary>A person who is deleted leaves nothing here.</summary>
public sealed class ErasureTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    [Fact]
    public async Task What_the_account_may_do_and_has_used_is_gone_and_that_of_others_stays()
    {
        var (person, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        foreach (var account in new[] { person, other })
        {
            db.Add(new UsageCounter { AccountId = account, Meter = Meters.Requests, Bucket = new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero), Used = 3, UserId = Guid.Empty, ApiKeyId = string.Empty, Feature = "chat", Model = string.Empty, Channel = string.Empty });
            db.Add(PlanGrant.From(Changes.Of(account, new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero), limit: 10)));
        }

        await db.SaveChangesAsync();

        var answer = await application.Services.EraseAsync<PolicyDbContext>(person);

        Assert.Equal(("policy", person), (answer.Service, answer.UserId));
        Assert.Equal([other], await db.UsageCounters.Where(row => row.AccountId == person || row.AccountId == other).Select(row => row.AccountId).ToListAsync());
        Assert.Equal([other], await db.PlanGrants.Where(row => row.AccountId == person || row.AccountId == other).Select(row => row.AccountId).ToListAsync());
    }
}
