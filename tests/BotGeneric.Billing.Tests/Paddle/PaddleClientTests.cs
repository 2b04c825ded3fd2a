using System.Diagnostics;
using System.Text.Json;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleClientTests
{
    [Fact]
    public async Task Every_call_names_the_version_the_key_and_who_asks()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Data(PaddleShapes.Transaction);

        await host.Client.GetTransactionAsync("txn_1", default);

        var headers = Assert.Single(host.Stub.Requests).Headers;
        Assert.Equal(("1", $"Bearer {PaddleClientHost.Key}", "application/json"), (headers["Paddle-Version"], headers["Authorization"], headers["Accept"]));
        Assert.StartsWith("BotGeneric/", headers["User-Agent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sent_except_for_the_addresses_of_notifications()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.ApiKey = null);
        host.Stub.Data("""{ "ipv4_cidrs": ["34.232.58.13/32"] }""");

        Assert.Equal(PaddleOutcome.NotConfigured, (await host.Client.GetTransactionAsync("txn_1", default)).Outcome);
        Assert.Equal(PaddleOutcome.NotConfigured, (await host.Client.ActivateSubscriptionAsync("sub_1", default)).Outcome);
        Assert.Equal(PaddleOutcome.NotConfigured, (await Assert.ThrowsAsync<PaddleException>(() => host.Client.ListPricesAsync().ToListAsync().AsTask())).Failure.Outcome);
        Assert.Equal(["34.232.58.13/32"], (await host.Client.GetSourceAddressesAsync(default)).Value?.Ipv4Cidrs);
        Assert.False(Assert.Single(host.Stub.Requests).Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task A_list_goes_on_while_there_is_more_and_no_longer()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub
            .Page($"[{Transaction("txn_1")}, {Transaction("txn_2")}]", "https://api.paddle.com/transactions?after=txn_2&per_page=30", hasMore: true)
            .Page("[]", "https://api.paddle.com/transactions?after=txn_2b&per_page=30", hasMore: true)
            .Page($"[{Transaction("txn_3")}]", "https://elsewhere.example/transactions?after=txn_3&per_page=30", hasMore: false);

        var listed = await host.Client.ListTransactionsAsync(new(
            SubscriptionIds: ["sub_1", "sub_2"],
            Statuses: [PaddleTransactionStatuses.Completed],
            UpdatedAfter: new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)))).Select(transaction => transaction.Id).ToListAsync();

        Assert.Equal(["txn_1", "txn_2", "txn_3"], listed);
        const string filter = "?subscription_id=sub_1,sub_2&status=completed&updated_at[GT]=2026-01-02T01:04:05.000000Z&per_page=30";
        Assert.Equal([filter, $"{filter}&after=txn_2", $"{filter}&after=txn_2b"], host.Stub.Requests.Select(request => request.Query));
        Assert.All(host.Stub.Requests, request => Assert.Equal("/transactions", request.Path));
    }

    [Fact]
    public async Task A_list_that_turns_in_circles_is_ended()
    {
        await using var host = await PaddleClientHost.StartAsync();
        for (var page = 0; page < 3; page++)
        {
            host.Stub.Page($"[{PaddleShapes.Price}]", "https://api.paddle.com/prices?after=pri_1", hasMore: true);
        }

        var exception = await Assert.ThrowsAsync<PaddleException>(() => host.Client.ListPricesAsync().ToListAsync().AsTask());

        Assert.Equal("http_pagination", exception.Failure.Error!.Code);
        Assert.Equal(2, host.Stub.Requests.Count);
    }

    [Fact]
    public async Task A_list_that_breaks_off_says_so_after_what_it_had()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Page($"[{PaddleShapes.Price}]", "https://api.paddle.com/prices?after=pri_1", hasMore: true).Error(403, "forbidden");
        var seen = new List<string>();

        var exception = await Assert.ThrowsAsync<PaddleException>(async () =>
        {
            await foreach (var price in host.Client.ListPricesAsync())
            {
                seen.Add(price.Id);
            }
        });

        Assert.Equal(["pri_1"], seen);
        Assert.Equal("forbidden", exception.Failure.Error!.Code);
        Assert.DoesNotContain("lee@example.com", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_list_asks_for_as_much_as_its_resource_gives()
    {
        await using var host = await PaddleClientHost.StartAsync();
        for (var list = 0; list < 8; list++)
        {
            host.Stub.Data("[]");
        }

        await host.Client.ListProductsAsync(new(["active", "archived"], IncludePrices: true)).ToListAsync();
        await host.Client.ListPricesAsync(new(["pro_1"])).ToListAsync();
        await host.Client.ListTransactionsAsync().ToListAsync();
        await host.Client.ListSubscriptionsAsync(new(["ctm_1"])).ToListAsync();
        await host.Client.ListAdjustmentsAsync(new(["txn_1"], Action: PaddleAdjustmentActions.Refund)).ToListAsync();
        await host.Client.ListPaymentMethodsAsync("ctm_1").ToListAsync();
        await host.Client.ListCurrenciesAsync().ToListAsync();
        await host.Client.ListEventsAsync(new(["subscription.updated"], "evt_1")).ToListAsync();

        Assert.Equal(
            [
                "/products?status=active,archived&include=prices&per_page=200", "/prices?product_id=pro_1&per_page=200", "/transactions?per_page=30",
                "/subscriptions?customer_id=ctm_1&per_page=200", "/adjustments?transaction_id=txn_1&action=refund&per_page=50",
                "/customers/ctm_1/payment-methods?per_page=200", "/currencies?per_page=200",
                "/events?event_type=subscription.updated&after=evt_1&order_by=id[ASC]&per_page=200",
            ],
            host.Stub.Requests.Select(request => request.Path + request.Query));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(502)]
    public async Task A_customer_that_exists_already_is_found_by_address_also_when_archived(int status)
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(status, "customer_already_exists").Data("""
            [ { "id": "ctm_2", "email": "other+lee@example.com" }, { "id": "ctm_1", "email": "Lee@Example.com", "status": "archived" } ]
            """);

        var result = await host.Client.CreateOrFindCustomerAsync(new() { Email = "lee@example.com" }, default);

        Assert.Equal(("ctm_1", "archived"), (result.Value?.Id, result.Value?.Status));
        Assert.Equal("?email=lee@example.com&status=active,archived&per_page=200", host.Stub.Requests[1].Query);
    }

    [Fact]
    public async Task A_customer_that_is_refused_for_another_reason_or_not_found_stays_refused()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Error(400, "invalid_field").Error(409, "customer_already_exists").Data("[]").Error(409, "customer_already_exists").Error(403, "forbidden");

        Assert.True((await host.Client.CreateOrFindCustomerAsync(new() { Email = "no" }, default)).Failure!.Is("invalid_field"));
        Assert.True((await host.Client.CreateOrFindCustomerAsync(new() { Email = "lee@example.com" }, default)).Failure!.Is("customer_already_exists"));
        Assert.True((await host.Client.CreateOrFindCustomerAsync(new() { Email = "lee@example.com" }, default)).Failure!.Is("forbidden"));
    }

    [Fact]
    public async Task Nothing_personal_and_no_credential_is_logged_or_traced()
    {
        await using var host = await PaddleClientHost.StartAsync();
        var traced = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TagObjects.Any(tag => tag.Value is int port && port == host.Stub.Url.Port))
                {
                    traced.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))}");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        host.Stub.Error(409, "customer_already_exists").Data("[]").Data(PaddleShapes.PortalSession).Error(402, "subscription_payment_declined");

        await host.Client.CreateOrFindCustomerAsync(new() { Email = "lee@example.com", Name = "Lee" }, default);
        await host.Client.CreatePortalSessionAsync("ctm_1", [], default);
        await host.Client.ActivateSubscriptionAsync("sub_1", default);

        Assert.Contains(host.Log.Written, line => line.StartsWith("Information Paddle refused POST customers: 409 customer_already_exists, request req_7", StringComparison.Ordinal));
        Assert.Equal(4, traced.Count);
        Assert.All(host.Log.Written.Concat(traced), line =>
        {
            Assert.DoesNotContain("lee", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("pga_secret", line, StringComparison.Ordinal);
            Assert.DoesNotContain("apikey", line, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("../customers")]
    [InlineData("..")]
    [InlineData("sub_1/cancel")]
    [InlineData("sub_1?a=b")]
    [InlineData("")]
    public async Task An_id_cannot_lead_to_another_resource(string id)
    {
        await using var host = await PaddleClientHost.StartAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => host.Client.GetSubscriptionAsync(id, default));
        Assert.Empty(host.Stub.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Body(307, "{}");

        Assert.Equal(PaddleOutcome.Unavailable, (await host.Client.ActivateSubscriptionAsync("sub_1", default)).Outcome);
        Assert.Single(host.Stub.Requests);
    }

    [Fact]
    public async Task The_address_may_have_a_path_with_or_without_a_slash()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.ApiUrl = new Uri($"{options.ApiUrl}paddle/api"));
        host.Stub.Data(PaddleShapes.Transaction);

        Assert.True((await host.Client.GetTransactionAsync("txn_1", default)).IsDone);
        Assert.Equal("/paddle/api/transactions/txn_1", host.Stub.Requests[0].Path);
    }

    private static string Transaction(string id) => JsonSerializer.Serialize(new { id, status = "completed", currency_code = "USD" });
}
