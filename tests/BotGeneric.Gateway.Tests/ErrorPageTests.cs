using System.Net;
using System.Text.RegularExpressions;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;

namespace BotGeneric.Gateway.Tests;

/// <summary>What somebody with a browser sees when the gateway itself has to answer with an error.</summary>
public sealed partial class ErrorPageTests
{
    // What Chromium sends when somebody opens an address.
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    [Theory]
    [InlineData("en", "A part of the system is away")]
    [InlineData("ru", "Часть системы временно недоступна")]
    [InlineData("uk", "Частина системи тимчасово недоступна")]
    public async Task A_page_of_a_service_that_is_away_is_a_page_that_says_so(string language, string title)
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Identity, NoService.Address);

        var (response, html) = await OpenAsync(gateway, "/account/keys?organization=1", language);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        AssertPage(response, html, language);
        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/account/keys?organization=1\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/status\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_breaks_off_or_is_too_slow_is_told_with_the_warning_that_it_may_have_been_done()
    {
        await using var service = await StubService.StartAsync(context =>
        {
            if (context.Request.Path == "/account/slow")
            {
                return Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Abort();
            return Task.CompletedTask;
        });
        // The time is short for the one that must use it up, and long enough for the other on any machine.
        await using var patient = new GatewayApplication().With(ServiceNames.Identity, service.Address);
        await using var hasty = new GatewayApplication().With(ServiceNames.Identity, service.Address).Set("Routing:StandardTimeout", "00:00:01");

        foreach (var (gateway, path, status) in new[] { (patient, "/account/broken", HttpStatusCode.BadGateway), (hasty, "/account/slow", HttpStatusCode.GatewayTimeout) })
        {
            var (response, html) = await OpenAsync(gateway, path, "en");

            Assert.Equal(status, response.StatusCode);
            AssertPage(response, html, "en");
            Assert.Contains("Look before you repeat it.", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_form_that_is_too_large_comes_from_another_site_or_comes_too_often_gets_a_page()
    {
        await using var service = await StubService.StartAsync("done");
        await using var gateway = new GatewayApplication().With(ServiceNames.Identity, service.Address)
            .Set("RateLimits:SignIn:Requests", "2").Set("RateLimits:SignIn:Period", "01:00:00").Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");
        using var client = gateway.CreateVisitor();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", $"2001:db8:{Random.Shared.Next(0x10000):x}:{Random.Shared.Next(0x10000):x}::1");

        var large = await SendAsync(client, HttpMethod.Post, "/login", request => request.Content = new StringContent(new string('x', 300_000)));
        var foreign = await SendAsync(client, HttpMethod.Post, "/login", request => request.Headers.Add("Sec-Fetch-Site", "cross-site"));
        var often = await SendAsync(client, HttpMethod.Get, "/login");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Response.StatusCode);
        Assert.Contains("<h1>This is too large</h1>", large.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.Response.StatusCode);
        Assert.Contains("<h1>You may not do this</h1>", foreign.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, often.Response.StatusCode);
        Assert.Contains("<h1>Please wait a moment</h1>", often.Html, StringComparison.Ordinal);
        Assert.Matches("Try again in [0-9]+ s\\.", often.Html);
        Assert.All([large, foreign, often], answer => AssertPage(answer.Response, answer.Html, "en"));
    }

    [Fact]
    public async Task A_sign_in_that_was_begun_elsewhere_gets_a_page_with_the_way_to_begin_again()
    {
        await using var gateway = new GatewayApplication();

        var (response, html) = await OpenAsync(gateway, "/session/callback?code=1&state=none", "uk");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertPage(response, html, "uk");
        Assert.Contains("<h1>Вхід не завершено</h1>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/session/login\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_the_gateways_own_that_is_not_there_is_told_in_a_page()
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Landing, NoService.Address);

        var (response, html) = await OpenAsync(gateway, "/session/nothing", "en");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        AssertPage(response, html, "en");
    }

    [Theory]
    [InlineData("/api/plans")]
    [InlineData("/api/nothing")]
    [InlineData("/v1/models")]
    [InlineData("/webhooks/paddle")]
    [InlineData("/telegram/webhook/1")]
    [InlineData("/connect/token")]
    [InlineData("/connect/userinfo")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/docs/openapi/billing.json")]
    public async Task An_address_of_programs_answers_with_problem_details_whatever_is_accepted(string path)
    {
        await using var gateway = new GatewayApplication();

        var (response, _) = await OpenAsync(gateway, path, "en");

        Assert.True(response.StatusCode >= HttpStatusCode.BadRequest, response.StatusCode.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("text/html;q=0, application/json")]
    public async Task A_script_on_a_page_gets_problem_details(string accept)
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();

        var (response, _) = await SendAsync(client, HttpMethod.Get, "/account", request =>
        {
            request.Headers.Remove("Accept");
            request.Headers.TryAddWithoutValidation("Accept", accept);
        });

        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_language_can_be_changed_on_the_page_itself_and_stays()
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();

        var (response, html) = await SendAsync(client, HttpMethod.Get, "/account?lang=ru");

        AssertPage(response, html, "ru");
        Assert.Contains(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("lang=ru", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/login?returnUrl=%2F", true)]
    [InlineData("https://elsewhere.example/login", false)]
    public async Task The_way_back_leads_to_a_page_of_this_site_alone(string referrer, bool isOffered)
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();

        var (_, html) = await SendAsync(client, HttpMethod.Post, "/login/forgot", request =>
            request.Headers.Referrer = new Uri(client.BaseAddress!, referrer));

        Assert.Equal(isOffered, html.Contains("href=\"/login?returnUrl=%2F\"", StringComparison.Ordinal));
        Assert.DoesNotContain("elsewhere", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_an_address_is_taken_for_markup_or_for_another_site()
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();

        var (_, html) = await SendAsync(client, HttpMethod.Get, "/account/%22%3E%3Cscript%3E?x=%22%3E%3Cscript%3E", request =>
            request.Headers.TryAddWithoutValidation("Referer", $"{client.BaseAddress!.GetLeftPart(UriPartial.Authority)}//evil.example/"));

        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"//", html, StringComparison.Ordinal);
    }

    private static void AssertPage(HttpResponseMessage response, string html, string language)
    {
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Contains("style-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{language}\"", html, StringComparison.Ordinal);
        Assert.Matches(TraceId(), html);
        Assert.DoesNotContain("127.0.0.1", html, StringComparison.Ordinal);
    }

    private static async Task<(HttpResponseMessage Response, string Html)> OpenAsync(GatewayApplication gateway, string path, string language)
    {
        using var client = gateway.CreateVisitor();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return await SendAsync(client, HttpMethod.Get, path);
    }

    private static async Task<(HttpResponseMessage Response, string Html)> SendAsync(
        HttpClient client, HttpMethod method, string path, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", Browser);
        prepare?.Invoke(request);
        var response = await client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("<code>[0-9a-f]{32}</code>")]
    private static partial Regex TraceId();
}
