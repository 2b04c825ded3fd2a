using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using BotGeneric.Gateway.Routing;

namespace BotGeneric.Gateway.Tests;

public sealed partial class DocsTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new();
    private HttpClient _client = null!;

    public Task InitializeAsync()
    {
        _client = _gateway.CreateVisitor();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task One_page_lists_every_service_and_the_gateway()
    {
        var html = await _client.GetStringAsync("/docs/");

        Assert.All([.. ServiceNames.WithApi, "gateway"], name => Assert.Contains($"/openapi/{name}.json", html, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_takes_nothing_from_other_servers()
    {
        var html = await _client.GetStringAsync("/docs/");

        var sources = ScriptSources().Matches(html).Select(match => match.Groups["source"].Value).ToList();
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.DoesNotContain("//", source, StringComparison.Ordinal));
        foreach (var source in sources)
        {
            using var script = await _client.GetAsync(new Uri(new Uri(_client.BaseAddress!, "/docs/"), source));
            Assert.Equal(HttpStatusCode.OK, script.StatusCode);
        }
    }

    [Fact]
    public async Task Its_scripts_carry_the_nonce_of_its_policy_which_is_new_each_time()
    {
        using var first = await _client.GetAsync("/docs/");
        using var second = await _client.GetAsync("/docs/");
        var nonce = Nonce(first);

        Assert.Contains($"nonce=\"{nonce}\"", WebUtility.HtmlDecode(await first.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        Assert.NotEqual(nonce, Nonce(second));
    }

    [Fact]
    public async Task The_gateway_describes_its_own_endpoints()
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync("/docs/openapi/gateway.json"));

        var status = document.RootElement.GetProperty("paths").GetProperty("/status").GetProperty("get");
        Assert.Contains("since when", status.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.False(document.RootElement.GetProperty("paths").TryGetProperty("/", out _));
    }

    private static string Nonce(HttpResponseMessage response) =>
        PolicyNonce().Match(response.Headers.GetValues("Content-Security-Policy").Single()).Groups["nonce"].Value;

    [GeneratedRegex("<script[^>]* src=\"(?<source>[^\"]+)\"")]
    private static partial Regex ScriptSources();

    [GeneratedRegex("script-src [^;]*'nonce-(?<nonce>[^']+)'")]
    private static partial Regex PolicyNonce();
}
