using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Testing;
using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleRateGateTests
{
    [Fact]
    public void No_minute_has_more_calls_than_the_limit_whatever_the_demand() =>
        Gen.Select(Gen.Int[6, 240], Gen.Int[0, 400].Array[20, 60]).Sample((limit, gaps) =>
        {
            var clock = new FakeTimeProvider();
            var gate = new PaddleRateGate(Options.Create(new PaddleOptions { RequestsPerMinute = limit }), clock);
            var calls = new List<DateTimeOffset>();
            foreach (var gap in gaps)
            {
                for (var call = 0; call < 20; call++)
                {
                    var place = gate.Take(isPreview: false);
                    if (place.IsTaken)
                    {
                        calls.Add(clock.GetUtcNow() + place.Wait);
                    }
                }

                clock.Advance(TimeSpan.FromMilliseconds(gap * 10));
            }

            return calls.All(start => calls.Count(call => call >= start && call < start + TimeSpan.FromMinutes(1)) <= limit);
        }, iter: 200);

    [Fact]
    public void Nobody_is_kept_waiting_for_long()
    {
        var gate = new PaddleRateGate(Options.Create(new PaddleOptions { RequestsPerMinute = 60 }), new FakeTimeProvider());

        var places = Enumerable.Range(0, 100).Select(_ => gate.Take(isPreview: false)).ToList();

        Assert.Equal(10, places.Count(place => place is { IsTaken: true, Wait.Ticks: 0 }));
        Assert.All(places.Where(place => place.IsTaken), place => Assert.InRange(place.Wait, TimeSpan.Zero, PaddleRateGate.LongestWait));
        Assert.All(places.Where(place => !place.IsTaken), place => Assert.True(place.Wait > PaddleRateGate.LongestWait));
        Assert.Contains(places, place => !place.IsTaken);
    }

    [Fact]
    public async Task A_call_above_the_limit_waits_for_its_place_and_previews_have_their_own()
    {
        await using var host = await PaddleClientHost.StartAsync(options => (options.RequestsPerMinute, options.PreviewRequestsPerMinute) = (6, 6));
        host.Stub.Data(PaddleShapes.Transaction).Error(409, "conflict").Data(PaddleShapes.Transaction);

        Assert.True((await host.Client.GetTransactionAsync("txn_1", default)).IsDone);
        Assert.Equal(PaddleOutcome.Refused, (await host.Client.PreviewPricesAsync(new() { Items = [new("pri_1")] }, default)).Outcome);
        var start = host.Clock.GetUtcNow();
        // A place every 12 seconds is more than anybody waits at once: the gate says when to come back, and a read does.
        Assert.True((await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default))).IsDone);

        Assert.InRange((host.Stub.Requests[^1].At - start).TotalSeconds, 12, 14);
        Assert.Contains("paddle.api.rate_limit.wait refused=True", host.Measured);
    }

    [Fact]
    public async Task A_change_that_would_wait_too_long_is_refused_without_being_sent()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.RequestsPerMinute = 6);
        host.Stub.Data(PaddleShapes.Transaction);
        await host.Client.GetTransactionAsync("txn_1", default);

        var result = await host.Client.ActivateSubscriptionAsync("sub_1", default);

        Assert.True(result.Failure!.Is("too_many_requests"));
        Assert.Equal(TimeSpan.FromSeconds(12), result.Failure.RetryAfter);
        Assert.Single(host.Stub.Requests);
    }

    [Fact]
    public async Task Who_gives_up_waiting_gives_the_place_back()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.RequestsPerMinute = 12);
        host.Stub.Data(PaddleShapes.Transaction).Data(PaddleShapes.Transaction).Data(PaddleShapes.Transaction);
        await host.Client.GetTransactionAsync("txn_1", default);
        await host.Client.GetTransactionAsync("txn_1", default);
        using var cancellation = new CancellationTokenSource();

        var waiting = host.Client.GetTransactionAsync("txn_1", cancellation.Token);
        await Eventually.EqualAsync(true, () => Task.FromResult(host.Measured.Contains("paddle.api.rate_limit.wait refused=False")), "the wait");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        host.Clock.Advance(TimeSpan.FromSeconds(6));

        Assert.True((await host.Client.GetTransactionAsync("txn_1", default)).IsDone);
    }
}
