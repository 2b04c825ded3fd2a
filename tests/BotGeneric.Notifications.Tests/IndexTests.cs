using BotGeneric.Notifications.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Notifications.Tests;

public sealed class IndexTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task What_was_sent_to_an_address_is_found_by_an_index()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        // A table of a few rows is read as a whole otherwise.
        await db.Database.ExecuteSqlRawAsync("SET LOCAL enable_seqscan = off");

        var plan = await db.Database.SqlQueryRaw<string>(@"EXPLAIN SELECT * FROM deliveries WHERE address_fingerprint = '\x01'").ToListAsync();

        Assert.Contains(plan, line => line.Contains("ix_deliveries_address_fingerprint", StringComparison.Ordinal));
    }
}
