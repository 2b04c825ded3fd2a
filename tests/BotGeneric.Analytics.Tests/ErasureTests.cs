using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Domain;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Analytics.Tests;

/// <summary>The statistics outlive a person without speaking of them.</summary>
public sealed class ErasureTests(AnalyticsApplication application) : IClassFixture<AnalyticsApplication>
{
    private static readonly DateTimeOffset Hour = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Usage_of_deleted_people_is_nobodys_and_the_totals_stay()
    {
        var (first, second, other) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AnalyticsDbContext>();
        db.AddRange(Usage(first, 3), Usage(second, 4), Usage(other, 5));
        await db.SaveChangesAsync();

        var answer = await application.Services.EraseAsync<AnalyticsDbContext>(first);
        await application.Services.EraseAsync<AnalyticsDbContext>(second);

        Assert.Equal(("analytics", first), (answer.Service, answer.UserId));
        var rows = await db.HourlyUsage.AsNoTracking().Where(row => row.Feature == "erasure").ToDictionaryAsync(row => row.AccountId, row => row.Requests);
        Assert.Equal(new Dictionary<Guid, long> { [Guid.Empty] = 7, [other] = 5 }, rows);
    }

    private static HourlyUsage Usage(Guid account, long requests) => new()
    {
        AccountId = account,
        Hour = Hour,
        Feature = "erasure",
        Model = "m1",
        Requests = requests,
        InputTokens = 1,
        OutputTokens = 1,
    };
}
