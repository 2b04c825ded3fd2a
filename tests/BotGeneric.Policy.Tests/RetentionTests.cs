using BotGeneric.Contracts;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Reconciliation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Policy.Tests;

public sealed class RetentionTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    [Fact]
    public async Task What_no_window_counts_any_more_is_forgotten_and_the_rest_stays()
    {
        var account = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow;
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        foreach (var age in new[] { 1, 700, 900 })
        {
            var at = new DateTimeOffset(now.AddDays(-age).UtcDateTime.Date, TimeSpan.Zero);
            db.Add(new UsageCounter
            {
                AccountId = account,
                Meter = Meters.Requests,
                Bucket = at,
                UserId = account,
                ApiKeyId = string.Empty,
                Feature = "chat",
                Model = string.Empty,
                Channel = string.Empty,
                Used = age,
            });
            db.Add(new CounterVersion { AccountId = account, Target = $"k{age}", Version = age, TouchedAt = at });
            db.Add(new LimitNotice { AccountId = account, Target = "a", Limit = "l", WindowStart = at, Percent = 50 });
            db.Add(new CoveredWindow { AccountId = account, Field = $"0123456789abcdef:{at.ToUnixTimeSeconds()}", Covered = age });
            db.Add(new RefusedCall { Id = Guid.CreateVersion7(at), AccountId = account, At = at, Feature = "chat", Reason = "rate_limited", Limits = [] });
        }

        await db.SaveChangesAsync();

        await new PolicyRetention(
            application.Services.GetRequiredService<NpgsqlDataSource>(), Options.Create(new RetentionOptions()), TimeProvider.System, NullLogger<PolicyRetention>.Instance)
            .PruneAsync(CancellationToken.None);

        Assert.Equal([1m, 700m], await db.UsageCounters.Where(row => row.AccountId == account).Select(row => row.Used).Order().ToListAsync());
        Assert.Equal([1L, 700L], await db.CounterVersions.Where(row => row.AccountId == account).Select(row => row.Version).Order().ToListAsync());
        Assert.Equal(2, await db.LimitNotices.CountAsync(row => row.AccountId == account));
        Assert.Equal([1m, 700m], await db.CoveredWindows.Where(row => row.AccountId == account).Select(row => row.Covered).Order().ToListAsync());
        Assert.Equal(1, await db.Refusals.CountAsync(row => row.AccountId == account));
    }
}
