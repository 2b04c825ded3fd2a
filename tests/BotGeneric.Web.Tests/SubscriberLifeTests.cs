using System.Net;
using System.Text.Json;
using BotGeneric.Testing;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>
/// A subscriber's life from the first wish to the end: through the gateway, in the browser, on Paddle's checkout page (simulated), with months going by. After each
/// step the subscription, what Policy allows, and the money are what they should be.
/// </summary>
[Collection(WebSystem.Collection)]
public sealed class SubscriberLifeTests(WebSystem system)
{
    private const long FreeRequests = 50;
    private const long ProRequests = 50_000;
    private const long MaxRequests = 500_000;

    [Fact]
    public async Task Trial_payment_upgrade_missed_payment_recovery_pause_resume_refund_and_end()
    {
        using var paddle = new PaddleControl(system.Application.AddressOf("simulators"));
        var person = await Person.RegisterAsync(system);
        await person.BeginGatewaySessionAsync();
        var page = person.Page;
        await LimitAsync(page, FreeRequests);

        // Trial.
        await BuyAsync(page, person.Address, "pro");
        var trial = await SubscriptionAsync(page, "trialing");
        Assert.Equal("pro", trial.GetProperty("planCode").GetString());
        await LimitAsync(page, ProRequests);
        await PaidAsync(page, []);
        Assert.Equal(HttpStatusCode.Conflict, (await page.TryCallAsync("POST", "/api/subscriptions/checkout", new { planCode = "max" })).Status);

        // The trial ends: the first payment.
        await paddle.AdvanceAsync(TimeSpan.FromDays(15));
        await SubscriptionAsync(page, "active");
        await LimitAsync(page, ProRequests);
        await PaidAsync(page, ["30.00"]);

        // An upgrade is charged for what is left of the period, to the cent that was announced.
        var preview = await page.CallAsync("POST", "/api/subscriptions/current/preview-change", new { planCode = "max" });
        var due = preview.GetProperty("dueNow").GetProperty("amount").GetString()!;
        Assert.InRange(decimal.Parse(due, null), 60m, 70m);
        var upgraded = await page.CallAsync("POST", "/api/subscriptions/current/change", new { planCode = "max" });
        Assert.Equal("max", upgraded.GetProperty("planCode").GetString());
        await paddle.SettleAsync();
        await LimitAsync(page, MaxRequests);
        // Its clock stands still between two calls of ours no more than anybody's: a second more or less is a cent.
        var proration = await LastPaymentAsync(page, "subscription_update");
        Assert.InRange(decimal.Parse(due, null) - decimal.Parse(proration, null), -0.01m, 0.01m);
        await PaidAsync(page, ["30.00", proration]);

        // A renewal is declined: everything goes on for the grace that is given.
        await paddle.SendAsync(HttpMethod.Put, $"customers/{person.Address}/card", new { always = true });
        await paddle.AdvanceAsync(TimeSpan.FromDays(31));
        var overdue = await SubscriptionAsync(page, "pastDue");
        Assert.True(overdue.GetProperty("grantsAccess").GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, overdue.GetProperty("graceEndsAt").ValueKind);
        await LimitAsync(page, MaxRequests);
        await PaidAsync(page, ["30.00", proration]);

        // The card works again, and Paddle tries once more.
        await paddle.SendAsync(HttpMethod.Put, $"customers/{person.Address}/card", new { });
        await paddle.AdvanceAsync(TimeSpan.FromDays(8));
        var recovered = await SubscriptionAsync(page, "active");
        Assert.Equal(JsonValueKind.Null, recovered.GetProperty("graceEndsAt").ValueKind);
        await LimitAsync(page, MaxRequests);
        await PaidAsync(page, ["30.00", proration, "100.00"]);

        // A pause from the end of the period on.
        var pausing = await page.CallAsync("POST", "/api/subscriptions/current/pause", new { });
        Assert.Equal("pause", pausing.GetProperty("scheduledChange").GetProperty("action").GetString());
        await LimitAsync(page, MaxRequests);
        await paddle.AdvanceAsync(TimeSpan.FromDays(31));
        await SubscriptionAsync(page, "paused");
        await LimitAsync(page, FreeRequests);
        await PaidAsync(page, ["30.00", proration, "100.00"]);

        // It goes on, and is charged at once.
        await page.CallAsync("POST", "/api/subscriptions/current/resume", new { });
        await SubscriptionAsync(page, "active");
        await paddle.SettleAsync();
        await LimitAsync(page, MaxRequests);
        await PaidAsync(page, ["30.00", proration, "100.00", "100.00"]);

        // The last payment is given back. Paddle thinks about it for ten minutes; the subscription stays.
        var admin = await system.OpenAdminBrowserAsync();
        var last = (await PaymentsAsync(page))[0].GetProperty("id").GetString();
        var refund = await admin.CallAsync("POST", $"/api/admin/transactions/{last}/refund", new { type = "full", reason = "They did not need it." });
        Assert.Equal("pendingApproval", refund.GetProperty("adjustment").GetProperty("status").GetString());
        await paddle.AdvanceAsync(TimeSpan.FromMinutes(11));
        await Eventually.EqualAsync("100.00", async () => Amount((await PaymentsAsync(page))[0], "refunded"), "the refund to be approved");
        await SubscriptionAsync(page, "active");

        // The end, now.
        await page.CallAsync("POST", "/api/subscriptions/current/cancel", new { when = "now" });
        await Eventually.EqualAsync(JsonValueKind.Null, async () => (await CurrentAsync(page)).ValueKind, "the subscription to be over");
        await paddle.SettleAsync();
        await LimitAsync(page, FreeRequests);
        await NothingFailedAsync(admin);
    }

    [Fact]
    public async Task A_card_that_is_declined_costs_nothing_and_the_bank_may_ask()
    {
        var person = await Person.RegisterAsync(system);
        await person.BeginGatewaySessionAsync();
        var page = person.Page;
        var url = await CheckoutAsync(page, "max");

        await PayAsync(page, url, person.Address, "declined");
        await page.WaitForSelectorAsync("[role=alert]");
        await page.GotoAsync("/account");
        Assert.Equal(JsonValueKind.Null, (await CurrentAsync(page)).ValueKind);
        Assert.Equal(url, await CheckoutAsync(page, "max"));
        await PayAsync(page, url, person.Address, "confirm");
        await page.ClickAsync("button[value=confirm]");
        await BackAsync(page);

        await SubscriptionAsync(page, "active");
        await LimitAsync(page, MaxRequests);
        await PaidAsync(page, ["100.00"]);
    }

    private async Task BuyAsync(IPage page, string address, string plan)
    {
        await PayAsync(page, await CheckoutAsync(page, plan), address, "works");
        await BackAsync(page);
    }

    // Paddle sends the buyer back to where the application is.
    private async Task BackAsync(IPage page)
    {
        await page.ArriveAsync(url => new Uri(url).Authority == system.Origin.Authority);
        await page.GotoAsync("/account");
    }

    // The catalogue is pushed to Paddle soon after the start; until then nothing can be bought.
    private static async Task<string> CheckoutAsync(IPage page, string plan)
    {
        var answer = await Eventually.GetAsync(
            () => page.TryCallAsync("POST", "/api/subscriptions/checkout", new { planCode = plan }),
            answer => answer.Status != HttpStatusCode.ServiceUnavailable,
            "the plan to be known to Paddle");
        Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, answer.ToString());
        return answer.Body.GetProperty("url").GetString()!;
    }

    private static async Task PayAsync(IPage page, string url, string address, string card)
    {
        await page.GotoAsync(url);
        await page.FillAsync("[name=email]", address);
        await page.SelectOptionAsync("[name=country]", "US");
        await page.CheckAsync($"[name=card][value={card}]");
        await page.ClickAsync("button:has-text('Pay')");
    }

    private static async Task<JsonElement> CurrentAsync(IPage page) => (await page.CallAsync("GET", "/api/subscriptions/current")).GetProperty("subscription");

    private static Task<JsonElement> SubscriptionAsync(IPage page, string status) => Eventually.GetAsync(
        () => CurrentAsync(page),
        subscription => subscription.ValueKind == JsonValueKind.Object && subscription.GetProperty("status").GetString() == status,
        $"the subscription to be {status}");

    private static Task LimitAsync(IPage page, long expected) => Eventually.EqualAsync(
        expected,
        async () => (await page.CallAsync("GET", "/api/policy/limits")).GetProperty("limits").EnumerateArray()
            .Single(limit => limit.GetProperty("meter").GetString() == "llm.requests" && limit.GetProperty("window").GetString() == "day")
            .GetProperty("limit").GetInt64(),
        $"the limit to be {expected} requests a day");

    private static async Task<IReadOnlyList<JsonElement>> PaymentsAsync(IPage page) =>
        [.. (await page.CallAsync("GET", "/api/billing/transactions")).GetProperty("items").EnumerateArray()];

    private static string? Amount(JsonElement payment, string what) => payment.GetProperty(what).GetProperty("amount").GetString();

    // What was paid, in the order in which it was.
    private static Task PaidAsync(IPage page, string[] expected) => Eventually.EqualAsync(
        string.Join(", ", expected),
        async () => string.Join(", ", (await PaymentsAsync(page))
            .Where(payment => payment.GetProperty("status").GetString() == "completed")
            .Select(payment => Amount(payment, "grandTotal")!)
            .Where(amount => decimal.Parse(amount, null) != 0)
            .Reverse()),
        "what was paid");

    private static async Task<string> LastPaymentAsync(IPage page, string origin)
    {
        var payment = await Eventually.GetAsync(
            async () => (await PaymentsAsync(page)).FirstOrDefault(candidate =>
                candidate.GetProperty("origin").GetString() == origin && candidate.GetProperty("status").GetString() == "completed"),
            candidate => candidate.ValueKind == JsonValueKind.Object,
            $"a payment by {origin}");
        return Amount(payment, "grandTotal")!;
    }

    private static async Task NothingFailedAsync(IPage admin)
    {
        var failed = await admin.CallAsync("GET", "/api/admin/paddle/events?status=failed");
        Assert.Empty(failed.GetProperty("items").EnumerateArray());
    }
}
