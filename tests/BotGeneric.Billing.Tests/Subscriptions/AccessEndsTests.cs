using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Billing.Tests.Mirror;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Subscriptions;

/// <summary>Ending access when something is wrong with one of those whose turn it is.</summary>
public sealed class AccessEndsTests : IAsyncLifetime
{
    private readonly MirrorApplication _application = new();

    private AccessEnds Ends => _application.Services.GetRequiredService<AccessEnds>();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public async Task Those_that_are_damaged_keep_no_other_one_waiting(int count)
    {
        var damaged = await GiveAsync(count, TimeSpan.FromMinutes(1));
        var other = Assert.Single(await GiveAsync(1, TimeSpan.FromMinutes(2)));
        await _application.InDatabaseAsync(db => db.Database.ExecuteSqlAsync($"""UPDATE subscriptions SET items = '"damaged"' WHERE id = ANY ({damaged.ToArray()})"""));
        _application.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.True(await Ends.EndNextAsync(CancellationToken.None));
        Assert.False(await Ends.EndNextAsync(CancellationToken.None));
        Assert.False(await GrantsAccessAsync(other));

        // They are tried again in a while, not all the time.
        var next = await Ends.NextAsync(CancellationToken.None);
        Assert.True(next > _application.Clock.GetUtcNow() + TimeSpan.FromSeconds(5));

        await _application.InDatabaseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE subscriptions SET items = '[]' WHERE id = ANY ({damaged.ToArray()})"));
        _application.Clock.Advance(TimeSpan.FromSeconds(20));
        for (var ended = 0; ended < count; ended++)
        {
            Assert.True(await Ends.EndNextAsync(CancellationToken.None));
        }

        Assert.False(await Ends.EndNextAsync(CancellationToken.None));
        Assert.False(await GrantsAccessAsync(damaged[0]));
    }

    [Fact]
    public async Task One_that_meets_another_change_is_ended_at_once_nevertheless()
    {
        var gift = Assert.Single(await GiveAsync(1, TimeSpan.FromMinutes(1)));
        await using var trouble = await Trouble.BeginAsync(_application.Database.ConnectionString, "subscriptions", $"NEW.id = '{gift}'", Trouble.Deadlock, times: 2);
        _application.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.True(await Ends.EndNextAsync(CancellationToken.None));

        Assert.False(await GrantsAccessAsync(gift));
    }

    private Task<List<Guid>> GiveAsync(int count, TimeSpan time) => _application.InDatabaseAsync(async db =>
    {
        var now = _application.Clock.GetUtcNow();
        var plan = await db.Plans.SingleAsync(row => row.Code == "pro");
        var gifts = Enumerable.Range(0, count).Select(_ => Subscription.Comp(Guid.CreateVersion7(), Guid.CreateVersion7(), plan, now + time, now)).ToList();
        db.AddRange(gifts);
        await db.SaveChangesAsync();
        return gifts.ConvertAll(gift => gift.Id);
    });

    private Task<bool> GrantsAccessAsync(Guid id) =>
        _application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.Id == id).Select(row => row.GrantsAccess).SingleAsync());
}
