using System.Text.Json;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Paddle;

/// <summary>Lists in which something stands that cannot be read.</summary>
public sealed class PaddleListTests
{
    private const string Next = "https://api.paddle.com/transactions?after=txn_2&per_page=30";

    private const string Strange = """
        { "id": "txn_strange", "status": "completed", "currency_code": { "main": "lee@example.com" }, "custom_data": { "reference": "order-7", "of": "lee@example.com" } }
        """;

    [Fact]
    public async Task One_that_cannot_be_read_hides_none_of_the_others_and_is_told_behind_the_last()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Page($"[{Transaction("txn_1")}, {Strange}, {Transaction("txn_2")}]", Next, hasMore: true).Page($"[{Transaction("txn_3")}]", Next, hasMore: false);
        var seen = new List<string>();

        var exception = await Assert.ThrowsAsync<PaddleException>(async () =>
        {
            await foreach (var transaction in host.Client.ListTransactionsAsync())
            {
                seen.Add(transaction.Id);
            }
        });

        Assert.Equal(["txn_1", "txn_2", "txn_3"], seen);
        Assert.True(exception.Failure is { IsUnreadable: true, Outcome: PaddleOutcome.Unavailable });
        var unreadable = Assert.Single(exception.Unreadable);
        Assert.Equal(("txn_strange", "$.currency_code"), (unreadable.Id, unreadable.Place));
        Assert.Equal("order-7", unreadable.CustomData?.GetProperty("reference").GetString());
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_and_logged_without_what_stands_in_it()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Page($"[{Strange}]", Next, hasMore: false);

        var listed = await host.Client.ListTransactionsAsync().EachAsync().ToListAsync();

        Assert.Equal("txn_strange", Assert.Single(listed).Unreadable?.Id);
        Assert.Contains("paddle.api.unreadable resource=transactions", host.Measured);
        Assert.Contains(host.Log.Written, line => line.Contains("txn_strange at $.currency_code, request req_page", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Written, line => line.Contains("lee@example.com", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "id": 7, "name": "Pro" }""")]
    [InlineData("""{ "id": "lee@example.com", "status": "active" }""")]
    public async Task Whatever_stands_in_a_list_the_others_can_be_read(string item)
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Data($"[{item}, {PaddleShapes.Product}]");

        var listed = await host.Client.ListProductsAsync().EachAsync().ToListAsync();

        Assert.Equal(["pro_1"], listed.Select(one => one.Value?.Id).OfType<string>());
        Assert.Null(Assert.Single(listed, one => one.Unreadable is not null).Unreadable!.Id);
        Assert.DoesNotContain(host.Log.Written, line => line.Contains("lee@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_looked_for_is_found_beside_what_cannot_be_read()
    {
        await using var host = await PaddleClientHost.StartAsync();
        host.Stub.Page($"[{Strange}, {Transaction("txn_1")}]", Next, hasMore: false);

        var found = await host.Settling.FindAsync(() => host.Client.ListTransactionsAsync(), transaction => transaction.Id == "txn_1", default);

        Assert.Equal("txn_1", found.Value?.Id);
    }

    [Fact]
    public async Task What_is_not_found_beside_what_cannot_be_read_may_be_that()
    {
        await using var host = await PaddleClientHost.StartAsync();
        for (var look = 0; look < 6; look++)
        {
            host.Stub.Page($"[{Strange}]", Next, hasMore: false);
        }

        var found = await host.PassAsync(host.Settling.FindAsync(() => host.Client.ListTransactionsAsync(), transaction => transaction.Id == "txn_1", default));

        Assert.Equal(PaddleOutcome.Unknown, found.Outcome);
    }

    private static string Transaction(string id) => JsonSerializer.Serialize(new { id, status = "completed", currency_code = "USD" });
}
