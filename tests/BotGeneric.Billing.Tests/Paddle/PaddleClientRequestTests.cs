using System.Text.Json.Nodes;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleClientRequestTests
{
    [Fact]
    public async Task What_is_sent_is_what_paddle_documents()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Data(PaddleShapes.Product, 201).Data(PaddleShapes.Price).Data(PaddleShapes.Transaction, 201).Data(PaddleShapes.Subscription)
            .Data(PaddleShapes.Subscription).Data(PaddleShapes.Subscription).Data(PaddleShapes.Subscription).Data(PaddleShapes.Subscription)
            .Data(PaddleShapes.PortalSession, 201);
        var client = host.Client;

        await client.CreateProductAsync(new() { Name = "Pro", TaxCategory = "saas", CustomData = new JsonObject { ["code"] = "pro" } }, default);
        await client.UpdatePriceAsync("pri_1", new() { Status = "archived" }, default);
        await client.CreateTransactionAsync(
            new() { Items = [new("pri_1", 2)], CustomerId = "ctm_1", CustomData = new JsonObject { ["reference"] = "order-7" } }, default);
        await client.UpdateSubscriptionAsync(
            "sub_1", new() { Items = [new("pri_1"), new("pri_2", 3)], ProrationBillingMode = PaddleProrationModes.ProratedImmediately }, default);
        await client.RemoveScheduledChangeAsync("sub_1", default);
        await client.PauseSubscriptionAsync("sub_1", new() { ResumeAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) }, default);
        await client.ResumeSubscriptionAsync("sub_1", new() { EffectiveFrom = PaddleEffectiveFrom.Immediately }, default);
        await client.ActivateSubscriptionAsync("sub_1", default);
        await client.CreatePortalSessionAsync("ctm_1", ["sub_1"], default);

        Assert.Equal(
            [
                "POST /products", "PATCH /prices/pri_1", "POST /transactions", "PATCH /subscriptions/sub_1", "PATCH /subscriptions/sub_1",
                "POST /subscriptions/sub_1/pause", "POST /subscriptions/sub_1/resume", "POST /subscriptions/sub_1/activate",
                "POST /customers/ctm_1/portal-sessions",
            ],
            host.Stub.Requests.Select(request => $"{request.Method} {request.Path}"));
        Assert.Equal(
            [
                """{"name":"Pro","tax_category":"saas","custom_data":{"code":"pro"}}""",
                """{"status":"archived"}""",
                """{"items":[{"price_id":"pri_1","quantity":2}],"customer_id":"ctm_1","custom_data":{"reference":"order-7"}}""",
                """{"items":[{"price_id":"pri_1","quantity":1},{"price_id":"pri_2","quantity":3}],"proration_billing_mode":"prorated_immediately"}""",
                """{"scheduled_change":null}""",
                """{"resume_at":"2026-03-01T00:00:00+00:00"}""",
                """{"effective_from":"immediately"}""",
                "{}",
                """{"subscription_ids":["sub_1"]}""",
            ],
            host.Stub.Requests.Select(request => request.Body));
        Assert.All(host.Stub.Requests, request => Assert.Equal("application/json", request.Headers["Content-Type"]));
    }

    [Fact]
    public async Task A_refund_is_of_everything_or_of_lines()
    {
        await using var host = await PaddleClientHost.StartAsync();
        const string adjustment = """{ "id": "adj_1", "action": "refund", "transaction_id": "txn_1", "customer_id": "ctm_1", "currency_code": "JPY", "status": "pending_approval" }""";
        host.Stub.Data(adjustment, 201).Data(adjustment, 201);

        var full = await host.Client.RefundAsync(new() { TransactionId = "txn_1", Reason = "error" }, default);
        await host.Client.RefundAsync(new() { TransactionId = "txn_1", Reason = "error", Items = [new("txnitm_1", 100), new("txnitm_2")] }, default);

        Assert.Equal(PaddleAdjustmentStatuses.PendingApproval, full.Value?.Status);
        Assert.Equal(
            [
                """{"action":"refund","type":"full","transaction_id":"txn_1","reason":"error"}""",
                """{"action":"refund","type":"partial","transaction_id":"txn_1","reason":"error","items":[{"item_id":"txnitm_1","type":"partial","amount":"100"},{"item_id":"txnitm_2","type":"full"}]}""",
            ],
            host.Stub.Requests.Select(request => request.Body));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.RefundAsync(new() { TransactionId = "t", Reason = "r", Items = [] }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.RefundAsync(new() { TransactionId = "t", Reason = "r", Items = [new("i", 0)] }, default));
    }

    [Fact]
    public async Task A_change_of_lines_says_how_it_is_charged()
    {
        await using var host = await PaddleClientHost.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.UpdateSubscriptionAsync("sub_1", new() { Items = [new("pri_1")] }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.PreviewSubscriptionAsync("sub_1", new() { Items = [], ProrationBillingMode = "do_not_bill" }, default));
        Assert.Empty(host.Stub.Requests);
    }

    [Fact]
    public async Task A_preview_tells_what_a_change_costs_also_as_a_negative_credit()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Data("""
            {
              "status": "active", "currency_code": "JPY", "immediate_transaction": null,
              "next_transaction": { "billing_period": null, "details": { "totals": { "subtotal": "1", "tax": "0", "total": "1" }, "line_items": [] } },
              "update_summary": {
                "credit": { "amount": "-4927", "currency_code": "JPY" }, "charge": { "amount": "5000", "currency_code": "JPY" },
                "result": { "action": "charge", "amount": "73", "currency_code": "JPY" } }
            }
            """);

        var preview = (await host.Client.PreviewSubscriptionAsync(
            "sub_1", new() { Items = [new("pri_1")], ProrationBillingMode = PaddleProrationModes.ProratedImmediately }, default)).Value!;

        Assert.Equal(("PATCH", "/subscriptions/sub_1/preview"), (host.Stub.Requests[0].Method, host.Stub.Requests[0].Path));
        Assert.Equal((-4927, "charge", "73"), (preview.UpdateSummary!.Credit.ToMinorUnits(), preview.UpdateSummary.Result.Action, preview.UpdateSummary.Result.Amount));
        Assert.Null(preview.ImmediateTransaction);
        Assert.Equal(73m, PaddleAmount.ToDecimal(PaddleAmount.ToMinorUnits("73"), 0));
    }
}
