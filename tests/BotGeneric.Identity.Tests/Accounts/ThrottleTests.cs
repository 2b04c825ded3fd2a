using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class ThrottleTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Attempts_are_counted_in_redis_and_while_it_is_away_in_the_process(bool isThere)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            isThere ? await TestServers.RedisAsync() : "127.0.0.1:1,abortConnect=false,connectTimeout=50,connectRetry=1");
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var throttle = new SignInThrottle(redis, time, NullLogger<SignInThrottle>.Instance);
        var key = Guid.NewGuid().ToString();

        var first = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => throttle.TryBeginAsync(ThrottleRule.Account, key)));
        Assert.Equal(5, first.Count(wait => wait is null));
        time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Null(await throttle.TryBeginAsync(ThrottleRule.Account, key));
        Assert.InRange((await throttle.TryBeginAsync(ThrottleRule.Account, key))!.Value.TotalSeconds, 3.9, 4);
        Assert.Null(await throttle.TryBeginAsync(ThrottleRule.Account, key + "other"));

        await throttle.ForgetAsync(ThrottleRule.Account, key);
        Assert.Null(await throttle.TryBeginAsync(ThrottleRule.Account, key));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_success_takes_back_the_wait_that_it_brought_about_and_no_other(bool isThere)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            isThere ? await TestServers.RedisAsync() : "127.0.0.1:1,abortConnect=false,connectTimeout=50,connectRetry=1");
        var throttle = new SignInThrottle(redis, new FakeTimeProvider(DateTimeOffset.UtcNow), NullLogger<SignInThrottle>.Instance);
        var key = Guid.NewGuid().ToString();
        for (var attempt = 0; attempt < ThrottleRule.DeviceCode.Free; attempt++)
        {
            Assert.Null(await throttle.TryBeginAsync(ThrottleRule.DeviceCode, key));
        }

        await throttle.TakeBackAsync(ThrottleRule.DeviceCode, key);
        Assert.Null(await throttle.TryBeginAsync(ThrottleRule.DeviceCode, key));
        Assert.NotNull(await throttle.TryBeginAsync(ThrottleRule.DeviceCode, key));
    }

    [Fact]
    public async Task What_was_not_counted_in_redis_is_not_taken_back_there()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await TestServers.RedisAsync());
        var throttle = new SignInThrottle(redis, TimeProvider.System, NullLogger<SignInThrottle>.Instance);
        var key = Guid.NewGuid().ToString();
        var name = $"identity:throttle:address:{Convert.ToHexString(Secrets.Hash(key).AsSpan(0, 16))}";

        await throttle.TakeBackAsync(ThrottleRule.Address, key);
        Assert.False(await redis.GetDatabase().KeyExistsAsync(name));

        await throttle.TryBeginAsync(ThrottleRule.Address, key);
        await throttle.TakeBackAsync(ThrottleRule.Address, key);
        Assert.Equal(0, (int)await redis.GetDatabase().HashGetAsync(name, "n"));
    }
}
