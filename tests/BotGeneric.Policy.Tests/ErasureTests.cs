using System.Net.Http.Json;
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

    [Fact]
    public async Task What_was_said_of_the_person_in_an_organization_is_forgotten_and_that_of_colleagues_stays()
    {
        var (organization, person, colleague) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var client = application.CreateOperatorClient();
        var policy = await client.PostAsJsonAsync("/api/admin/policies", new
        {
            code = $"erasure-{person:N}",
            name = "Per person",
            reason = "a test",
            scope = "user",
            document = new { limits = new[] { new { code = "daily", kind = "quota", unit = Meters.Requests, maximum = "5", window = "day" } } },
        });
        Assert.True(policy.IsSuccessStatusCode, await policy.Content.ReadAsStringAsync());
        foreach (var user in new[] { person, person, colleague })
        {
            var created = await client.PostAsJsonAsync(
                "/api/admin/policies/overrides", new { account = organization, user, limit = $"erasure-{person:N}/daily", maximum = "9", reason = $"said of {user}" });
            Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        }

        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        var revoked = await db.LimitOverrides.Where(row => row.UserId == person).Select(row => row.Id).FirstAsync();
        Assert.True((await client.PostAsJsonAsync($"/api/admin/policies/overrides/{revoked}/revoke", new { reason = $"said again of {person}" })).IsSuccessStatusCode);

        await application.Services.EraseAsync<PolicyDbContext>(person);

        var audit = await db.PolicyAudit.AsNoTracking().Where(entry => entry.AccountId == organization).ToListAsync();
        Assert.Equal(4, audit.Count);
        Assert.DoesNotContain(audit, entry => $"{entry.Reason} {entry.Details}".Contains(person.ToString(), StringComparison.Ordinal));
        var kept = Assert.Single(audit, entry => entry.Reason is not null);
        Assert.Equal($"said of {colleague}", kept.Reason);
        Assert.NotNull(kept.Details);
        await application.Services.EraseAsync<PolicyDbContext>(person);
        Assert.Single(await db.PolicyAudit.AsNoTracking().Where(entry => entry.AccountId == organization && entry.Reason != null).ToListAsync());
    }
}
