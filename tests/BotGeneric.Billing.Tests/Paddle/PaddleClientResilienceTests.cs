using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleClientResilienceTests
{
    private static readonly PaddleTransactionCreation Checkout = new() { Items = [new PaddleItem("pri_1")] };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_read_is_repeated_when_that_may_help(int status)
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(status, "internal_error").Cut().CutInTheMiddle().Data(PaddleShapes.Transaction);

        var result = await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default));

        Assert.Equal("txn_1", result.Value?.Id);
        Assert.Equal(4, host.Stub.Requests.Count);
        Assert.Equal(["paddle.api.calls resource=transactions outcome=done"], host.Measured);
    }

    [Fact]
    public async Task A_read_is_repeated_three_times_and_then_said_to_be_unavailable()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(500, "internal_error").Error(502, "bad_gateway").Error(503, "service_unavailable").Error(503, "service_unavailable");

        var result = await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default));

        Assert.Equal((PaddleOutcome.Unavailable, "service_unavailable", "req_7"), (result.Outcome, result.Failure!.Error!.Code, result.Failure.Error.RequestId));
        Assert.Equal(4, host.Stub.Requests.Count);
    }

    [Fact]
    public async Task A_read_waits_as_long_as_paddle_asks()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(429, "too_many_requests", retryAfter: 7).Data(PaddleShapes.Transaction);

        var result = await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default));

        Assert.True(result.IsDone);
        Assert.InRange((host.Stub.Requests[1].At - host.Stub.Requests[0].At).TotalSeconds, 7, 9);
    }

    [Fact]
    public async Task A_read_that_paddle_asks_to_wait_long_for_is_refused_with_the_time()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(429, "too_many_requests", retryAfter: 60);

        var result = await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default));

        Assert.Equal((PaddleOutcome.Refused, TimeSpan.FromSeconds(60)), (result.Outcome, result.Failure!.RetryAfter));
        Assert.Single(host.Stub.Requests);
    }

    [Theory]
    [InlineData(400, "invalid_field", PaddleOutcome.Refused)]
    [InlineData(404, "not_found", PaddleOutcome.Refused)]
    [InlineData(409, "subscription_locked_renewal", PaddleOutcome.Refused)]
    public async Task What_is_refused_is_not_repeated(int status, string code, PaddleOutcome outcome)
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(status, code);

        var result = await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default));

        Assert.Equal((outcome, code, status), (result.Outcome, result.Failure!.Error!.Code, result.Failure.Error.Status));
        Assert.Equal(status == 404, result.Failure.IsNotFound);
        Assert.Single(host.Stub.Requests);
    }

    [Theory]
    [InlineData(408, PaddleOutcome.Unknown)]
    [InlineData(429, PaddleOutcome.Refused)]
    [InlineData(500, PaddleOutcome.Unknown)]
    [InlineData(502, PaddleOutcome.Unknown)]
    [InlineData(503, PaddleOutcome.Unknown)]
    [InlineData(504, PaddleOutcome.Unknown)]
    public async Task A_change_is_sent_once_and_what_is_not_known_is_said_to_be_unknown(int status, PaddleOutcome outcome)
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(status, "whatever", retryAfter: 1);

        var result = await host.PassAsync(host.Client.CreateTransactionAsync(Checkout, default));

        Assert.Equal((outcome, TimeSpan.FromSeconds(1)), (result.Outcome, result.Failure!.RetryAfter));
        Assert.Single(host.Stub.Requests);
    }

    [Fact]
    public async Task A_change_whose_connection_is_cut_is_unknown_and_not_repeated()
    {
        await using var host = await PaddleClientHost.StartAsync();
        // The first call leaves a connection open: one that is closed later tempts the runtime to repeat by itself.
        host.Stub.Data(PaddleShapes.Transaction).Cut().CutInTheMiddle().Cut();

        Assert.True((await host.PassAsync(host.Client.GetTransactionAsync("txn_1", default))).IsDone);
        Assert.Equal(PaddleOutcome.Unknown, (await host.PassAsync(host.Client.CreateTransactionAsync(Checkout, default))).Outcome);
        Assert.Equal(PaddleOutcome.Unknown, (await host.PassAsync(host.Client.UpdateProductAsync("pro_1", new() { Name = "P" }, default))).Outcome);
        Assert.Equal(PaddleOutcome.Unknown, (await host.PassAsync(host.Client.ActivateSubscriptionAsync("sub_1", default))).Outcome);
        Assert.Equal(4, host.Stub.Requests.Count);
    }

    [Fact]
    public async Task A_change_without_an_answer_in_time_is_unknown()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Silence();
        var before = host.Clock.GetUtcNow();

        var result = await host.PassAsync(host.Client.CancelSubscriptionAsync("sub_1", PaddleEffectiveFrom.NextBillingPeriod, default));

        Assert.Equal(PaddleOutcome.Unknown, result.Outcome);
        Assert.InRange((host.Clock.GetUtcNow() - before).TotalSeconds, 30, 35);
        Assert.Contains(host.Measured, line => line == "paddle.api.calls resource=subscriptions outcome=unknown");
    }

    [Fact]
    public async Task A_change_whose_answer_cannot_be_read_is_unknown()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Body(201, "<html>");

        Assert.Equal(PaddleOutcome.Unknown, (await host.PassAsync(host.Client.CreateTransactionAsync(Checkout, default))).Outcome);
    }

    [Fact]
    public async Task A_change_that_never_left_is_unavailable()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.ApiUrl = new Uri("http://127.0.0.1:1"));

        Assert.Equal(PaddleOutcome.Unavailable, (await host.PassAsync(host.Client.CreateTransactionAsync(Checkout, default))).Outcome);
    }

    [Fact]
    public async Task A_question_that_changes_nothing_is_never_unknown()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Cut().Cut();

        Assert.Equal(PaddleOutcome.Unavailable, (await host.PassAsync(host.Client.PreviewPricesAsync(new() { Items = [new("pri_1")] }, default))).Outcome);
        Assert.Equal(PaddleOutcome.Unavailable, (await host.PassAsync(host.Client.CreatePortalSessionAsync("ctm_1", ["sub_1"], default))).Outcome);
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_throws_and_is_not_repeated()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Silence().Silence();
        using var cancellation = new CancellationTokenSource();

        var read = host.Client.GetTransactionAsync("txn_1", cancellation.Token);
        var change = host.Client.CreateTransactionAsync(Checkout, cancellation.Token);
        await Eventually.EqualAsync(2, () => Task.FromResult(host.Stub.Requests.Count), "requests");
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.Equal(2, host.Stub.Requests.Count);
    }

    [Fact]
    public async Task An_unknown_outcome_is_settled_by_reading_until_the_effect_shows()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Cut().Error(404, "not_found").Data(PaddleShapes.Subscription.Replace("\"cancel\"", "\"pause\"", StringComparison.Ordinal)).Data(PaddleShapes.Subscription);

        var change = await host.PassAsync(host.Client.CancelSubscriptionAsync("sub_1", PaddleEffectiveFrom.NextBillingPeriod, default));
        var settled = await host.PassAsync(host.Settling.ReadUntilAsync(
            token => host.Client.GetSubscriptionAsync("sub_1", token),
            subscription => subscription.ScheduledChange?.Action == PaddleScheduledActions.Cancel,
            default));

        Assert.Equal(PaddleOutcome.Unknown, change.Outcome);
        Assert.Equal("sub_1", settled.Value?.Id);
        Assert.Equal(["POST", "GET", "GET", "GET"], host.Stub.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task A_checkout_of_unknown_outcome_is_found_by_our_reference()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Cut()
            .Page("[]", "https://api.paddle.com/transactions?after=", hasMore: false)
            .Page($"[{PaddleShapes.Transaction}]", "https://api.paddle.com/transactions?after=txn_1", hasMore: false);

        await host.PassAsync(host.Client.CreateTransactionAsync(Checkout, default));
        var settled = await host.PassAsync(host.Settling.FindAsync(
            () => host.Client.ListTransactionsAsync(new(CustomerIds: ["ctm_1"], CreatedAfter: host.Clock.GetUtcNow())),
            transaction => transaction.CustomData?.GetProperty("reference").GetString() == "order-7",
            default));

        Assert.Equal("txn_1", settled.Value?.Id);
    }

    [Fact]
    public async Task What_never_shows_was_not_done_and_what_cannot_be_read_stays_unknown()
    {
        await using var host = await PaddleClientHost.StartAsync();
        for (var look = 0; look < 6; look++)
        {
            host.Stub.Data(PaddleShapes.Subscription);
        }

        var never = await host.PassAsync(host.Settling.ReadUntilAsync(token => host.Client.GetSubscriptionAsync("sub_1", token), _ => false, default));
        // From here on everything is answered 418, which is a refusal.
        var unread = await host.PassAsync(host.Settling.ReadUntilAsync(token => host.Client.GetSubscriptionAsync("sub_1", token), _ => true, default));

        Assert.Equal(PaddleOutcome.Unavailable, never.Outcome);
        Assert.Equal(PaddleOutcome.Unknown, unread.Outcome);
    }
}
