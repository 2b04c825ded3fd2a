using System.Diagnostics;
using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Messaging;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Analytics.Tests;

/// <summary>Two accounts of one person become one.</summary>
public sealed class MergeTests(AnalyticsApplication application) : IClassFixture<AnalyticsApplication>
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly Guid _absorbed = Guid.CreateVersion7();
    private readonly Guid _kept = Guid.CreateVersion7();

    [Fact]
    public async Task Usage_is_summed_into_the_account_that_stays_also_what_is_heard_later()
    {
        await UseAsync(_absorbed, "m1", "m2");
        await UseAsync(_kept, "m1");

        await application.Services.MergeAsync<AnalyticsDbContext>(_absorbed, _kept);
        await application.Services.MergeAsync<AnalyticsDbContext>(_absorbed, _kept);
        await UseAsync(_absorbed, "m2");

        var rows = await WithAsync(db => db.HourlyUsage.AsNoTracking()
            .Where(row => row.AccountId == _kept || row.AccountId == _absorbed)
            .OrderBy(row => row.Model)
            .ToListAsync());
        Assert.Equal([(_kept, "m1", 2L), (_kept, "m2", 2L)], rows.Select(row => (row.AccountId, row.Model, row.Requests)));
    }

    [Fact]
    public async Task Subscriptions_are_the_other_accounts_also_those_that_are_heard_of_later()
    {
        var (before, after) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await ChangeAsync(before, revision: 2);
        await application.Services.MergeAsync<AnalyticsDbContext>(_absorbed, _kept);
        await ChangeAsync(before, revision: 1);
        await ChangeAsync(after, revision: 1);

        Assert.Equal([_kept, _kept], await WithAsync(db => db.Subscriptions.AsNoTracking()
            .Where(state => state.SubscriptionId == before || state.SubscriptionId == after)
            .Select(state => state.AccountId)
            .ToListAsync()));
    }

    private Task UseAsync(Guid account, params string[] models) => WithAsync(async db =>
    {
        await new UsageRecordedHandler().HandleAsync(
            [
                new ReceivedEvent<UsageRecorded>(
                    new UsageRecorded
                    {
                        EventId = Guid.CreateVersion7(),
                        OccurredAt = Noon,
                        Entries =
                        [
                            .. models.Select(model => new UsageEntry
                            {
                                EntryId = Guid.CreateVersion7(),
                                AccountId = account,
                                Time = Noon,
                                Feature = "merge",
                                Model = model,
                            }),
                        ],
                    },
                    default(ActivityContext)),
            ],
            db,
            CancellationToken.None);
        return true;
    });

    private Task ChangeAsync(Guid subscription, long revision) => WithAsync(async db =>
    {
        var changed = new SubscriptionChanged
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = Noon,
            SubscriptionId = subscription,
            Revision = revision,
            AccountId = _absorbed,
            PlanCode = "pro",
            Status = SubscriptionStatuses.Active,
            GrantsAccess = true,
            Entitlements = [],
        };
        await new SubscriptionChangedHandler().HandleAsync([new(changed, default)], db, CancellationToken.None);
        return true;
    });

    private async Task<T> WithAsync<T>(Func<AnalyticsDbContext, Task<T>> work)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AnalyticsDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var result = await work(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return result;
    }
}
