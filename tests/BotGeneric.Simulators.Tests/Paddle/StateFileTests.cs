using System.Globalization;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Persistence;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>What the simulated Paddle still knows after a restart.</summary>
public sealed class StateFileTests : IDisposable
{
    private static readonly string[] Scenarios =
        ["renewal", "dunning_recovered", "dunning_exhausted", "pause", "resume", "cancellation", "refund", "chargeback", "chargeback_reverse"];

    private readonly TemporaryFolder _folder = new("paddle");

    private string StateFile => Path.Combine(_folder.Path, "simulators", "paddle.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_Paddle_renews_what_was_bought_before_and_delivers_what_was_not_delivered()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        JsonNode before;
        string id;
        await using (var doomed = await PaddleProcess.StartAsync(StateFile, receiver))
        {
            id = await BuyAsync(doomed);
            await doomed.ControlAsync(HttpMethod.Post, "clock", new { advanceBy = TimeSpan.FromDays(2) });
            receiver.AnswerNext(503);
            await doomed.CallAsync(HttpMethod.Post, "customers", new { email = "late@example.com" });
            Assert.Equal(1, (int)(await doomed.ControlAsync(HttpMethod.Get, "deliveries/settled"))["retrying"]!);
            before = await doomed.ControlAsync(HttpMethod.Get, "state");
            await doomed.KillAsync();
        }

        receiver.Take();
        await using var paddle = await PaddleProcess.StartAsync(StateFile, receiver);
        var after = await paddle.ControlAsync(HttpMethod.Get, "state");
        var ahead = (string)(await paddle.ControlAsync(HttpMethod.Get, "clock"))["offset"]!;
        await paddle.ControlAsync(HttpMethod.Post, "clock", new { advanceBy = TimeSpan.FromDays(30) });
        await paddle.ControlAsync(HttpMethod.Get, "deliveries/settled");

        Assert.Equal(2, Math.Round(TimeSpan.Parse(ahead, CultureInfo.InvariantCulture).TotalDays, 3));
        Assert.Equal(Timeless(before), Timeless(after));
        var told = receiver.Take().Select(envelope => (string)envelope["event_type"]!).ToList();
        Assert.Single(told, "customer.created");
        Assert.Single(told, "transaction.completed");
        var renewed = await paddle.CallAsync(HttpMethod.Get, $"transactions?subscription_id={id}&origin=subscription_recurring");
        Assert.Equal("completed", (string)Assert.Single(renewed.AsArray())!["status"]!);
        Assert.Equal(0, receiver.Forged);
    }

    [Fact]
    public async Task What_is_read_from_the_steps_is_all_that_was_there()
    {
        string[] remembered;
        await using (var paddle = await StartAsync())
        {
            foreach (var scenario in Scenarios)
            {
                await paddle.ControlAsync(HttpMethod.Post, $"scenarios/{scenario}", new { });
                await paddle.ControlAsync(HttpMethod.Post, $"scenarios/{scenario}", new { simulated = true });
            }

            await ChangeAsync(paddle);
            await paddle.DeliveredAsync();
            remembered = Rows(paddle);
        }

        await using var again = await StartAsync();

        Assert.Equal(remembered, Rows(again));
    }

    [Fact]
    public async Task A_line_that_was_cut_off_is_as_if_it_had_never_been_written()
    {
        await using (var paddle = await StartAsync())
        {
            await paddle.DataAsync(HttpMethod.Post, "customers", new { email = "a@example.com" });
            await paddle.DataAsync(HttpMethod.Post, "customers", new { email = "b@example.com" });
        }

        var written = await File.ReadAllTextAsync(StateFile);
        await File.WriteAllTextAsync(StateFile, written[..written.LastIndexOf("b@example.com", StringComparison.Ordinal)]);
        await using var again = await StartAsync();

        var customers = (await again.DataAsync(HttpMethod.Get, "customers")).AsArray();
        Assert.Equal("a@example.com", (string)Assert.Single(customers)!["email"]!);
        await again.DataAsync(HttpMethod.Post, "customers", new { email = "b@example.com" });
    }

    [Fact]
    public async Task A_file_that_is_none_of_ours_is_named_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(StateFile)!);
        await File.WriteAllTextAsync(StateFile, "{\"format\":2}\n");
        await using var paddle = await PaddleSimulatorHost.StartAsync(("Paddle:StateFile", StateFile));

        var refused = Assert.ThrowsAny<InvalidOperationException>(() => paddle.Http);

        Assert.Contains(StateFile, refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("{\"format\":2}\n", await File.ReadAllTextAsync(StateFile));
    }

    [Fact]
    public async Task After_a_reset_nothing_comes_back()
    {
        await using (var paddle = await StartAsync())
        {
            await paddle.BuyAsync();
            await paddle.ControlAsync(HttpMethod.Post, "reset");
        }

        await using var again = await StartAsync();

        Assert.Empty((await again.DataAsync(HttpMethod.Get, "customers")).AsArray());
        Assert.Single((await again.DataAsync(HttpMethod.Get, "prices")).AsArray());
        await again.BuyAsync();
    }

    [Fact]
    public async Task A_checkout_page_that_moved_is_where_open_checkouts_lead()
    {
        string id;
        await using (var paddle = await StartAsync(("Paddle:CheckoutUrl", "http://localhost:1001/paddle/checkout")))
        {
            id = (string)(await paddle.DataAsync(
                HttpMethod.Post, "transactions", new { items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } } }))["id"]!;
        }

        await using var again = await StartAsync(("Paddle:CheckoutUrl", "http://localhost:1002/paddle/checkout"));

        var transaction = await again.DataAsync(HttpMethod.Get, $"transactions/{id}");
        Assert.Equal($"http://localhost:1002/paddle/checkout?_ptxn={id}", (string)transaction["checkout"]!["url"]!);
    }

    private static async Task<string> BuyAsync(PaddleProcess paddle)
    {
        var transaction = await paddle.CallAsync(
            HttpMethod.Post, "transactions", new { items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } } });
        var paid = await paddle.ControlAsync(HttpMethod.Post, $"checkouts/{transaction["id"]}", new { email = "buyer@example.com", country = "DE" });
        Assert.True((bool)(await paddle.ControlAsync(HttpMethod.Get, "deliveries/settled"))["settled"]!);
        return (string)paid["subscriptionId"]!;
    }

    private static async Task ChangeAsync(PaddleSimulatorHost paddle)
    {
        var dear = await paddle.PriceAsync("9000", overrides: new[] { new { country_codes = new[] { "DE" }, unit_price = new { amount = "8000", currency_code = "EUR" } } });
        var bought = await paddle.BuyAsync(country: "DE", customData: new { mark = "ü" });
        var changes = new
        {
            items = new[] { new { price_id = dear, quantity = 2 } },
            proration_billing_mode = "prorated_next_billing_period",
        };
        await paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{bought.Subscription}", changes);
        await paddle.DataAsync(HttpMethod.Post, $"subscriptions/{bought.Subscription}/pause", new { effective_from = "next_billing_period" });

        // An unpaid bill, credit, a refund that waits, locks and saved cards: what answers do not show.
        var unpaid = await paddle.BuyAsync(card: "declinesLater");
        var smaller = await paddle.BuyAsync(dear);
        await paddle.DataAsync(HttpMethod.Patch, $"subscriptions/{smaller.Subscription}", new
        {
            items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
            proration_billing_mode = "prorated_immediately",
        });
        await paddle.AdvanceAsync(TimeSpan.FromDays(40));
        await paddle.DataAsync(HttpMethod.Post, "adjustments", new { action = "refund", type = "full", transaction_id = smaller.Transaction, reason = "x" });
        await paddle.ControlAsync(HttpMethod.Put, $"subscriptions/{unpaid.Subscription}/lock", new { code = "subscription_locked_processing" });
        await paddle.ControlAsync(HttpMethod.Put, $"customers/{smaller.Transaction}@buyer.example/card", new { declines = 3, errorCode = "expired_card" });
        paddle.Receiver.AnswerNext(500);
        await paddle.DataAsync(HttpMethod.Post, "customers", new { email = "retried@example.com" });
    }

    private Task<PaddleSimulatorHost> StartAsync(params (string, string)[] settings) =>
        PaddleSimulatorHost.StartAsync([("Paddle:StateFile", StateFile), .. settings]);

    // All that is in memory, as the file would begin with it.
    private string[] Rows(PaddleSimulatorHost paddle)
    {
        _ = paddle.Http;
        lock (paddle.Services.GetRequiredService<PaddleWorld>().Gate)
        {
            // A copy: the next host has to find what the steps have left.
            var copy = StateFile + ".copy";
            File.Move(StateFile, copy);
            var journal = paddle.Services.GetRequiredService<WorldJournal>();
            journal.Replace();
            journal.Dispose();
            var rows = File.ReadAllLines(StateFile);
            File.Move(copy, StateFile, overwrite: true);
            return rows;
        }
    }

    // The clock goes on.
    private static string Timeless(JsonNode state)
    {
        state.AsObject().Remove("now");
        return state.ToJsonString();
    }
}
