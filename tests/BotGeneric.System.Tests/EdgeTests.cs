using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

[Collection(RunningSystem.Collection)]
public sealed class EdgeTests(RunningSystem system)
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("uk")]
    public async Task The_landing_page_is_reached_through_the_gateway_in_every_language(string language)
    {
        using var browser = system.Anonymous();

        var page = await browser.GetAsync($"/{language}");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains($"lang=\"{language}\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/uk")]
    [InlineData("/status")]
    [InlineData("/docs/")]
    [InlineData("/health")]
    public async Task A_monitor_that_asks_with_head_is_told_what_a_browser_is(string path)
    {
        using var monitor = system.Anonymous();
        using var page = await monitor.GetAsync(path);
        using var head = await monitor.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.NotEqual(HttpStatusCode.NotFound, head.StatusCode);
        Assert.Equal(page.StatusCode, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Every_service_is_documented_on_one_page()
    {
        using var browser = system.Anonymous();
        var page = await system.Operator.GetStringAsync("/docs");

        foreach (var service in new[] { "identity", "billing", "policy", "usage", "analytics", "agents", "telegram", "notifications" })
        {
            Assert.Contains($"openapi/{service}.json", page, StringComparison.Ordinal);
            var document = await browser.GetFromJsonAsync<JsonElement>($"/docs/openapi/{service}.json");
            Assert.NotEmpty(document.GetProperty("paths").EnumerateObject());
        }
    }

    [Theory]
    [InlineData("GET", "/api/usage/history?account=0192f0c1-2345-7abc-8def-0123456789ab")]
    [InlineData("POST", "/api/usage/events")]
    [InlineData("GET", "/api/policy/limits?account=0192f0c1-2345-7abc-8def-0123456789ab")]
    [InlineData("GET", "/api/analytics/trends")]
    [InlineData("PUT", "/api/admin/plans/pro")]
    [InlineData("GET", "/api/admin/subscriptions")]
    [InlineData("GET", "/api/admin/messaging/policy/dead-letters")]
    public async Task Without_a_key_nothing_is_told_or_changed(string method, string path)
    {
        using var stranger = system.Anonymous();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_service_does_not_take_the_gateways_word_for_who_is_calling()
    {
        using var direct = new HttpClient { BaseAddress = system.Application.AddressOf("usage") };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/usage/history?account=0192f0c1-2345-7abc-8def-0123456789ab");
        request.Headers.Add("X-User-Id", "operator");
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");

        Assert.Equal(HttpStatusCode.Unauthorized, (await direct.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_killed_service_shows_in_the_status_and_so_does_its_return()
    {
        await system.Application.KillResourceAsync("notifications");
        await Eventually.GetAsync(StateAsync, state => state == "unreachable", "the status to show it");

        await system.Application.StartResourceAsync("notifications");
        await Eventually.GetAsync(StateAsync, state => state == "healthy", "the status to show its return");

        async Task<string?> StateAsync() =>
            (await system.GetAsync("/status")).GetProperty("services").GetProperty("notifications").GetProperty("state").GetString();
    }

    [Fact]
    public async Task Metrics_are_on_the_management_port_and_nowhere_else()
    {
        using var browser = system.Anonymous();
        using var management = new HttpClient { BaseAddress = system.Application.AddressOf("usage", "management") };

        Assert.Contains("http_server_request_duration", await management.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/metrics")).StatusCode);
    }
}
