namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>How events are delivered, and what can be done to deliveries.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task A_refused_delivery_is_tried_three_times_more_within_15_minutes()
    {
        _paddle.Receiver.AnswerNext(500, 302, 400, 200);
        await CustomerAsync("a");
        var first = await _paddle.ControlAsync(HttpMethod.Get, "deliveries/settled");
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(1));
        await _paddle.ControlAsync(HttpMethod.Get, "deliveries/settled");
        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(5));
        await _paddle.ControlAsync(HttpMethod.Get, "deliveries/settled");
        Assert.Empty(_paddle.Receiver.Take());

        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(9));

        Assert.Equal(1, (int)first["retrying"]!);
        Assert.Equal(["customer.created"], await _paddle.EventsAsync());
        var notification = (await _paddle.DataAsync(HttpMethod.Get, "notifications")).AsArray().Single()!;
        Assert.Equal(("delivered", 4), ((string)notification["status"]!, (int)notification["times_attempted"]!));
        var logs = (await _paddle.DataAsync(HttpMethod.Get, $"notifications/{notification["id"]}/logs?order_by=id[ASC]")).AsArray();
        Assert.Equal([500, 302, 400, 200], logs.Select(log => (int)log!["response_code"]!));
    }

    [Fact]
    public async Task A_delivery_that_never_arrives_fails_and_can_be_replayed()
    {
        _paddle.Receiver.AnswerNext(503, 503, 503, 503);
        await CustomerAsync("a");
        for (var minutes = 0; minutes < 16; minutes++)
        {
            await _paddle.ControlAsync(HttpMethod.Get, "deliveries/settled");
            await _paddle.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        var failed = (await _paddle.DataAsync(HttpMethod.Get, "notifications?status=failed")).AsArray().Single()!;
        var (status, replay) = await _paddle.CallAsync(HttpMethod.Post, $"notifications/{failed["id"]}/replay");
        var envelope = (await _paddle.DeliveredAsync()).Single();

        Assert.Equal(202, (int)status);
        Assert.Equal((string)replay["data"]!["notification_id"]!, (string)envelope["notification_id"]!);
        Assert.NotEqual((string)failed["id"]!, (string)envelope["notification_id"]!);
        Assert.Equal((string)failed["payload"]!["event_id"]!, (string)envelope["event_id"]!);
        Assert.Equal("notification_replay_invalid_origin_type", await _paddle.RefusedAsync(HttpMethod.Post, $"notifications/{replay["data"]!["notification_id"]}/replay"));
    }

    [Fact]
    public async Task Deliveries_can_be_duplicated()
    {
        await _paddle.ControlAsync(HttpMethod.Put, "deliveries", new { duplicates = 2 });
        await CustomerAsync("a");

        var copies = await _paddle.DeliveredAsync();

        Assert.Equal(3, copies.Count);
        Assert.Single(copies.Select(copy => (string)copy["notification_id"]!).Distinct());
    }

    [Fact]
    public async Task Deliveries_can_be_held_back_and_shuffled_the_same_way_each_time()
    {
        var orders = new List<string[]>();
        for (var round = 0; round < 2; round++)
        {
            await _paddle.ControlAsync(HttpMethod.Put, "deliveries", new { hold = true, reorderWindow = 6, seed = 3 });
            foreach (var name in new[] { "a", "b", "c", "d", "e", "f" })
            {
                await CustomerAsync($"{name}{round}");
            }

            Assert.Empty(await _paddle.EventsAsync());
            Assert.Equal(6, (int)(await _paddle.ControlAsync(HttpMethod.Post, "deliveries/release"))["count"]!);
            orders.Add([.. (await _paddle.DeliveredAsync()).Select(envelope => ((string)envelope["data"]!["email"]!)[..1])]);
        }

        Assert.NotEqual(["a", "b", "c", "d", "e", "f"], orders[0]);
        Assert.Equal(["a", "b", "c", "d", "e", "f"], orders[0].Order());
        Assert.Equal(orders[0], orders[1]);
    }

    [Fact]
    public async Task Deliveries_can_be_late()
    {
        await _paddle.ControlAsync(HttpMethod.Put, "deliveries", new { delaySeconds = 60 });
        await CustomerAsync("a");
        var waiting = await _paddle.ControlAsync(HttpMethod.Get, "deliveries/settled?timeoutSeconds=0");

        await _paddle.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((false, 1), ((bool)waiting["settled"]!, (int)waiting["pending"]!));
        Assert.Equal(["customer.created"], await _paddle.EventsAsync());
    }

    [Fact]
    public async Task A_lost_delivery_is_found_in_the_list_of_events()
    {
        await _paddle.ControlAsync(HttpMethod.Put, "deliveries", new { dropNext = 1 });
        await CustomerAsync("a");
        await CustomerAsync("b");

        var arrived = (await _paddle.DeliveredAsync()).Single();
        var events = (await _paddle.DataAsync(HttpMethod.Get, "events?event_type=customer.created")).AsArray();

        Assert.Equal("b@example.com", (string)arrived["data"]!["email"]!);
        Assert.Equal(["a@example.com", "b@example.com"], events.Select(happened => (string)happened!["data"]!["email"]!));
        Assert.All(events, happened => Assert.False(happened!.AsObject().ContainsKey("notification_id")));
    }

    [Fact]
    public async Task Every_destination_gets_its_own_notification_signed_with_its_own_secret()
    {
        await using var other = await WebhookReceiver.StartAsync("pdl_ntfset_another");
        await using var paddle = await PaddleSimulatorHost.StartAsync(
            ("Paddle:MoreDestinations:0:Url", other.Address), ("Paddle:MoreDestinations:0:Secret", "pdl_ntfset_another"));
        await paddle.DataAsync(HttpMethod.Post, "customers", new { email = "a@example.com" });

        var first = (await paddle.DeliveredAsync()).Single();
        var second = other.Take().Single();

        Assert.Equal((string)first["event_id"]!, (string)second["event_id"]!);
        Assert.NotEqual((string)first["notification_id"]!, (string)second["notification_id"]!);
        Assert.Equal(0, other.Forged);
    }

    [Fact]
    public async Task After_a_reset_everything_is_as_at_the_start()
    {
        await _paddle.BuyAsync();

        await _paddle.ControlAsync(HttpMethod.Post, "reset");

        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "customers")).AsArray());
        Assert.Single((await _paddle.DataAsync(HttpMethod.Get, "prices")).AsArray());
        await _paddle.BuyAsync();
    }

    private Task CustomerAsync(string name) => _paddle.DataAsync(HttpMethod.Post, "customers", new { email = $"{name}@example.com" });
}
