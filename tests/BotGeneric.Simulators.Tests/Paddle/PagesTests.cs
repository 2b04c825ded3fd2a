using System.Net;
using System.Text.RegularExpressions;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>What a buyer does in a browser.</summary>
public sealed partial class PagesTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync(("Paddle:Checkout:SuccessUrl", "https://app.example/thanks"));

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task The_checkout_page_shows_what_is_bought_and_what_it_costs()
    {
        var page = await _paddle.Http.GetStringAsync(await CheckoutAsync());

        Assert.Contains("$30.00", page, StringComparison.Ordinal);
        Assert.Contains("name=\"email\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"country\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payment_leads_to_the_page_of_success()
    {
        var url = await CheckoutAsync();

        using var response = await SubmitAsync(await _paddle.Http.GetStringAsync(url), ("email", "a@example.com"), ("country", "GB"), ("card", "works"), ("save", "true"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("https://app.example/thanks", response.Headers.Location!.ToString());
        Assert.Equal("payment_method.saved", (await _paddle.EventsAsync())[^1]);
        Assert.Contains("Paid", await _paddle.Http.GetStringAsync(url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declined_card_is_asked_for_again()
    {
        var url = await CheckoutAsync();

        using var declined = await SubmitAsync(await _paddle.Http.GetStringAsync(url), ("email", "a@example.com"), ("country", "US"), ("card", "declined"));
        var again = await declined.Content.ReadAsStringAsync();
        using var paid = await SubmitAsync(again, ("email", "a@example.com"), ("country", "US"), ("card", "works"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, declined.StatusCode);
        Assert.Contains("declined", again, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, paid.StatusCode);
    }

    [Theory]
    [InlineData("confirm", HttpStatusCode.Redirect, "completed")]
    [InlineData("fail", HttpStatusCode.UnprocessableEntity, "ready")]
    public async Task A_card_can_ask_for_confirmation(string answer, HttpStatusCode status, string transactionStatus)
    {
        var url = await CheckoutAsync();

        using var question = await SubmitAsync(await _paddle.Http.GetStringAsync(url), ("email", "a@example.com"), ("country", "US"), ("card", "confirm"));
        var page = await question.Content.ReadAsStringAsync();
        // Who comes back meanwhile finds the question again.
        Assert.Contains("name=\"answer\"", await _paddle.Http.GetStringAsync(url), StringComparison.Ordinal);
        using var answered = await SubmitAsync(page, ("answer", answer));

        Assert.Equal(status, answered.StatusCode);
        var transaction = await _paddle.DataAsync(HttpMethod.Get, $"transactions/{url.Split('=')[1]}");
        Assert.Equal(transactionStatus, (string)transaction["status"]!);
    }

    [Theory]
    [InlineData("", "US")]
    [InlineData("not-an-address", "US")]
    [InlineData("a@example.com", "Atlantis")]
    public async Task Who_says_nothing_about_himself_cannot_pay(string email, string country)
    {
        var url = await CheckoutAsync();
        await _paddle.DeliveredAsync();

        using var response = await SubmitAsync(await _paddle.Http.GetStringAsync(url), ("email", email), ("country", country), ("card", "works"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Empty(await _paddle.EventsAsync());
    }

    [Fact]
    public async Task What_is_paid_cannot_be_paid_again()
    {
        var url = await CheckoutAsync();
        var form = await _paddle.Http.GetStringAsync(url);
        using var first = await SubmitAsync(form, ("email", "a@example.com"), ("country", "US"), ("card", "works"));

        using var second = await SubmitAsync(form, ("email", "a@example.com"), ("country", "US"), ("card", "works"));

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Single((await _paddle.DataAsync(HttpMethod.Get, "subscriptions")).AsArray());
    }

    [Fact]
    public async Task What_a_buyer_typed_is_text()
    {
        var url = await CheckoutAsync();

        using var response = await SubmitAsync(await _paddle.Http.GetStringAsync(url), ("email", "<b>\"@example.com"), ("country", "US"), ("card", "declined"));

        Assert.DoesNotContain("<b>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_buyer_who_names_another_address_is_another_customer()
    {
        var bought = await _paddle.BuyAsync();
        var address = (string)(await _paddle.DataAsync(HttpMethod.Get, $"customers/{bought.Customer}/addresses"))[0]!["id"]!;
        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", new
        {
            items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
            customer_id = bought.Customer,
            address_id = address,
        });

        using var paid = await SubmitAsync(
            await _paddle.Http.GetStringAsync(Path((string)transaction["checkout"]!["url"]!)), ("email", "other@example.com"), ("country", "US"), ("card", "works"));

        Assert.NotEqual(bought.Customer, (string)(await _paddle.DataAsync(HttpMethod.Get, $"transactions/{transaction["id"]}"))["customer_id"]!);
    }

    [Fact]
    public async Task The_portal_lists_and_cancels_and_leads_to_another_card()
    {
        var bought = await _paddle.BuyAsync();
        var session = await _paddle.DataAsync(HttpMethod.Post, $"customers/{bought.Customer}/portal-sessions", new { subscription_ids = new[] { bought.Subscription } });
        var links = session["urls"]!["subscriptions"]![0]!;

        var overview = await _paddle.Http.GetStringAsync(Path((string)session["urls"]!["general"]!["overview"]!));
        using var card = await _paddle.Http.GetAsync(Path((string)links["update_subscription_payment_method"]!));
        using var canceled = await SubmitAsync(await _paddle.Http.GetStringAsync(Path((string)links["cancel_subscription"]!)), ("action", "cancel"));

        Assert.Contains("active", overview, StringComparison.Ordinal);
        Assert.Contains("_ptxn=txn_", card.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, canceled.StatusCode);
        var subscription = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}");
        Assert.Equal("cancel", (string)subscription["scheduled_change"]!["action"]!);
    }

    [Fact]
    public async Task A_portal_link_expires_and_opens_nobody_elses_subscription()
    {
        var (bought, other) = (await _paddle.BuyAsync(), await _paddle.BuyAsync());
        var session = await _paddle.DataAsync(HttpMethod.Post, $"customers/{bought.Customer}/portal-sessions", new { });
        var overview = Path((string)session["urls"]!["general"]!["overview"]!);
        Assert.Equal("not_found", await _paddle.RefusedAsync(HttpMethod.Post, $"customers/{bought.Customer}/portal-sessions", new { subscription_ids = new[] { other.Subscription } }, 404));

        var token = overview.Split("token=")[1];
        using var foreign = await _paddle.Http.PostAsync("/paddle/portal", Form(("token", token), ("subscription_id", other.Subscription), ("action", "cancel")));
        Assert.Null((await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{other.Subscription}"))["scheduled_change"]);

        await _paddle.AdvanceAsync(TimeSpan.FromHours(2));

        using var late = await _paddle.Http.GetAsync(overview);
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
    }

    private async Task<string> CheckoutAsync()
    {
        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", new { items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } } });
        return Path((string)transaction["checkout"]!["url"]!);
    }

    private static string Path(string url) => new Uri(url).PathAndQuery;

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    // As a browser does: the hidden fields of the page, and what the buyer chose.
    private Task<HttpResponseMessage> SubmitAsync(string page, params (string Name, string Value)[] chosen)
    {
        var hidden = HiddenField().Matches(page).Select(match => (match.Groups[1].Value, match.Groups[2].Value));
        return _paddle.Http.PostAsync(FormAction().Match(page).Groups[1].Value, Form([.. hidden, .. chosen]));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]+)\">")]
    private static partial Regex FormAction();
}
