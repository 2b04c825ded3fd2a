using BotGeneric.Gateway.Limits;
using BotGeneric.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Tests;

public sealed class LimiterTests
{
    [Fact]
    public async Task A_request_that_one_limit_refuses_costs_nothing_of_the_others()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await TestServers.RedisAsync());
        var shared = new SharedLimiter(redis, Options.Create(new RateLimitOptions { RedisTimeout = TimeSpan.FromMinutes(1) }));
        var tight = Limit.Of("tight", $"{{limits}}:{Guid.NewGuid()}", PerDay(1));
        var wide = Limit.Of("wide", $"{{limits}}:{Guid.NewGuid()}", PerDay(100));
        var both = new LimitSet([wide, tight]);

        Assert.Equal(1, (await shared.TakeAsync(both, 1)).Granted);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            Assert.Equal(0, (await shared.TakeAsync(both, 1)).Granted);
        }

        Assert.Equal(98, (await shared.TakeAsync(new LimitSet([wide]), 1)).Remaining(0, 0));
    }

    [Fact]
    public async Task A_server_that_forgot_the_script_is_told_again()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await TestServers.RedisAsync() + ",allowAdmin=true");
        var shared = new SharedLimiter(redis, Options.Create(new RateLimitOptions { RedisTimeout = TimeSpan.FromMinutes(1) }));
        var set = new LimitSet([Limit.Of("api", $"{{limits}}:{Guid.NewGuid()}", PerDay(10))]);

        await redis.GetServers()[0].ScriptFlushAsync();

        Assert.Equal(1, (await shared.TakeAsync(set, 1)).Granted);
        Assert.Equal(1, (await shared.TakeAsync(set, 1)).Granted);
    }

    [Fact]
    public void Requests_come_back_evenly_when_a_gateway_counts_alone()
    {
        var time = new FakeTimeProvider();
        var local = new LocalLimiter(time);
        var set = new LimitSet([Limit.Of("api", "someone", RateLimit.PerMinute(60))]);

        Assert.All(Enumerable.Range(0, 60), _ => Assert.Equal(1, local.Take(set).Granted));
        var refused = local.Take(set);
        Assert.Equal(0, refused.Granted);
        Assert.Equal(1, refused.RetryAfter());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([1, 1, 0], Enumerable.Range(0, 3).Select(_ => local.Take(set).Granted));
    }

    // So that nothing comes back meanwhile, however slow the machine is.
    private static RateLimit PerDay(int requests) => new() { Requests = requests, Period = TimeSpan.FromDays(1) };
}
