using System.Diagnostics;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Limits;
using BotGeneric.Policy.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

/// <summary>Two accounts of one person become one.</summary>
public sealed class MergeTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private static readonly DateTimeOffset Day = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly Guid _absorbed = Guid.CreateVersion7();
    private readonly Guid _kept = Guid.CreateVersion7();

    [Fact]
    public async Task What_both_have_used_counts_together_and_of_both_grants_the_most_generous_holds()
    {
        await ChangeAsync(_absorbed, 1000);
        await ChangeAsync(_kept, 200);
        await UseAsync(_absorbed, Day, Day, Day.AddDays(-1));
        await UseAsync(_kept, Day);

        await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);
        await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);

        // What was compiled of both before is forgotten when the change is heard of.
        await Eventually.EqualAsync((1000L, 3L), () => LimitAsync(_kept), "the plan of both");
        await Eventually.EqualAsync((50L, 0L), () => LimitAsync(_absorbed), "the plan to have left the other");
    }

    [Fact]
    public async Task What_is_heard_later_of_the_account_that_is_no_more_ends_at_the_other()
    {
        var subscription = Guid.CreateVersion7();
        await ChangeAsync(_absorbed, 300, subscription, revision: 2);
        await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);

        await UseAsync(_absorbed, Day);
        await ChangeAsync(_absorbed, 1, subscription, revision: 1);
        await ChangeAsync(_absorbed, 700, subscription, revision: 3);

        await Eventually.EqualAsync((700L, 1L), () => LimitAsync(_kept), "the plan that was heard of later");
        Assert.Equal((50, 0), await LimitAsync(_absorbed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Merges_that_follow_each_other_end_at_the_last_account_in_whatever_order_they_are_heard(bool inOrder)
    {
        var first = Guid.CreateVersion7();
        await UseAsync(first, Day);
        await UseAsync(_absorbed, Day);

        if (inOrder)
        {
            await application.Services.MergeAsync<PolicyDbContext>(first, _absorbed);
            await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);
        }
        else
        {
            await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);
            await application.Services.MergeAsync<PolicyDbContext>(first, _absorbed);
        }

        await UseAsync(first, Day);
        await UseAsync(_absorbed, Day);
        Assert.Equal((50, 4), await LimitAsync(_kept));
    }

    [Fact]
    public async Task An_account_does_not_become_part_of_itself()
    {
        await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);

        await Assert.ThrowsAsync<UnprocessableEventException>(() => application.Services.MergeAsync<PolicyDbContext>(_kept, _absorbed));
        await Assert.ThrowsAsync<UnprocessableEventException>(() => application.Services.MergeAsync<PolicyDbContext>(_kept, _kept));
    }

    [Fact]
    public async Task Usage_that_is_counted_while_accounts_are_merged_is_not_lost()
    {
        var work = Enumerable.Range(0, 24).Select(number => number == 8
            ? application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept)
            : UseAsync(number % 2 == 0 ? _absorbed : _kept, Day)).ToList();

        await Task.WhenAll(work);

        Assert.Equal((50, 23), await LimitAsync(_kept));
    }

    [Fact]
    public async Task A_deletion_reaches_what_is_heard_of_the_absorbed_account()
    {
        await UseAsync(_absorbed, Day);
        await application.Services.MergeAsync<PolicyDbContext>(_absorbed, _kept);
        var letter = await application.Services.PutAsideAsync<PolicyDbContext>("tests:Event", $$"""{ "message": { "userId": "{{_absorbed}}" } }""");

        await application.Services.EraseAsync<PolicyDbContext>(_kept);

        Assert.Equal((50, 0), await LimitAsync(_kept));
        Assert.Empty(await application.Services.StillAsideAsync<PolicyDbContext>(letter));
    }

    private Task ChangeAsync(Guid account, long limit, Guid? subscription = null, long revision = 1) => InTransactionAsync((services, db) =>
        services.GetRequiredService<SubscriptionChangedHandler>().HandleAsync(
            [new(Changes.Of(account, Day, limit, subscription: subscription, revision: revision), default)], db, CancellationToken.None));

    private Task UseAsync(Guid account, params DateTimeOffset[] times) => InTransactionAsync((services, db) => services.GetRequiredService<UsageRecordedHandler>().HandleAsync(
        [
            new ReceivedEvent<UsageRecorded>(
                new UsageRecorded
                {
                    EventId = Guid.CreateVersion7(),
                    OccurredAt = Day,
                    Entries = [.. times.Select(time => new UsageEntry { EntryId = Guid.CreateVersion7(), AccountId = account, Time = time, Feature = "chat" })],
                },
                default(ActivityContext)),
        ],
        db,
        CancellationToken.None));

    private async Task<(long Limit, long Used)> LimitAsync(Guid account)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var limits = await scope.ServiceProvider.GetRequiredService<LimitsQuery>().GetAsync(new PolicySubject(account, null, null), Day, CancellationToken.None);
        var limit = limits.Limits.Single(row => row.Meter == Meters.Requests);
        return (limit.Limit.Amount, limit.Used.Amount);
    }

    private async Task InTransactionAsync(Func<IServiceProvider, PolicyDbContext, Task> work)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await work(scope.ServiceProvider, db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
