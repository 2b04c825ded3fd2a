using System.Diagnostics;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

/// <summary>News of the ledger come late; what a credit has paid for is paid for, with limits as they are really compiled.</summary>
public sealed class ExpiredCreditTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    // What everybody is allowed in a day without a plan, by services/Policy/appsettings.json.
    private const int Free = 50;

    private readonly Guid _account = Guid.CreateVersion7();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_credit_pays_for_what_was_used_while_it_held_although_the_ledger_says_so_only_when_it_is_over()
    {
        var grant = await GrantAsync(amount: 20, from: _now.AddMinutes(-30), to: _now.AddMinutes(-10));

        await HandleAsync(Usage(Free + 8, _now.AddMinutes(-20)));

        Assert.Equal(8, await BurnedAsync(grant));
    }

    [Fact]
    public async Task It_pays_for_nothing_that_was_used_after_its_end_or_before_its_beginning()
    {
        var grant = await GrantAsync(amount: 20, from: _now.AddDays(-3), to: _now.AddDays(-2));

        await HandleAsync(Usage(Free + 8, _now), Usage(Free + 8, _now.AddDays(-4)));

        Assert.Equal(0, await BurnedAsync(grant));
    }

    [Fact]
    public async Task One_that_was_taken_back_pays_for_nothing_however_late_the_news_are()
    {
        var grant = await GrantAsync(amount: 20, from: _now.AddMinutes(-30), to: _now.AddMinutes(-10), revokedAt: _now.AddMinutes(-25));

        await HandleAsync(Usage(Free + 8, _now.AddMinutes(-20)));

        Assert.Equal(0, await BurnedAsync(grant));
    }

    private async Task<Guid> GrantAsync(decimal amount, DateTimeOffset from, DateTimeOffset to, DateTimeOffset? revokedAt = null)
    {
        var grant = new CreditGrant
        {
            Id = Guid.CreateVersion7(),
            AccountId = _account,
            Unit = Meters.Requests,
            Amount = amount,
            Priority = 0,
            EffectiveFrom = from,
            ExpiresAt = to,
            Reason = "test",
            CreatedBy = "test",
            CreatedAt = from,
        };
        if (revokedAt is { } at)
        {
            grant.Revoke(at);
        }

        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        db.Grants.Add(grant);
        await db.SaveChangesAsync();
        return grant.Id;
    }

    private async Task HandleAsync(params UsageEntry[] entries)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var recorded = new UsageRecorded { EventId = Guid.CreateVersion7(), OccurredAt = _now, Entries = entries };
        await scope.ServiceProvider.GetRequiredService<UsageRecordedHandler>().HandleAsync(
            [new ReceivedEvent<UsageRecorded>(recorded, default(ActivityContext))], db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private UsageEntry Usage(long requests, DateTimeOffset time) =>
        new() { EntryId = Guid.CreateVersion7(), AccountId = _account, Time = time, Feature = "chat", Requests = requests };

    private async Task<decimal> BurnedAsync(Guid grant)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PolicyDbContext>().Grants.AsNoTracking().SingleAsync(row => row.Id == grant)).Burned;
    }
}
