using System.Net.Http.Headers;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Status;
using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Gateway.Tests;

public sealed class StatusTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public void Before_the_first_round_nothing_is_known()
    {
        var status = new StatusBoard(_time).Current;

        Assert.Equal(ComponentState.Unknown, status.Status);
        Assert.All(status.Services.Values, service => Assert.Equal(ComponentState.Unknown, service.State));
    }

    [Fact]
    public void A_state_is_dated_by_its_last_change()
    {
        var board = new StatusBoard(_time);
        board.Update(Reports("""{"billing-db":"healthy"}"""));
        _time.Advance(TimeSpan.FromMinutes(1));
        board.Update(Reports("""{"billing-db":"healthy"}"""));

        Assert.Equal(Start, board.Current.Services["billing"].Since);
        Assert.Equal(Start, board.Current.Dependencies["postgres"].Since);

        _time.Advance(TimeSpan.FromMinutes(1));
        board.Update(Reports("""{"billing-db":"unhealthy"}"""));

        Assert.Equal(Start.AddMinutes(2), board.Current.Services["billing"].Since);
        Assert.Equal(Start.AddMinutes(2), board.Current.Services["billing"].Checks["billing-db"].Since);
        Assert.Equal(Start, board.Current.Services["policy"].Since);
    }

    [Theory]
    [InlineData("""{"billing-db":"healthy"}""", ComponentState.Healthy)]
    [InlineData("""{"billing-db":"unhealthy"}""", ComponentState.Degraded)]
    public void A_dependency_that_some_can_reach_and_some_cannot_is_degraded(string billing, ComponentState postgres)
    {
        var board = new StatusBoard(_time);

        board.Update(Reports(billing, """{"policy-db":"healthy","redis":"healthy"}"""));

        Assert.Equal(postgres, board.Current.Dependencies["postgres"].State);
        Assert.Equal(ComponentState.Healthy, board.Current.Dependencies["redis"].State);
        Assert.Equal(ComponentState.Unknown, board.Current.Dependencies["rabbitmq"].State);
    }

    [Fact]
    public void A_service_with_one_replica_away_is_degraded_and_with_all_away_unreachable()
    {
        var healthy = new HealthDocument("healthy", new Dictionary<string, string> { ["self"] = "healthy" });

        Assert.Equal(ComponentState.Healthy, ServiceReport.From([healthy, healthy]).State);
        Assert.Equal(ComponentState.Degraded, ServiceReport.From([healthy, null]).State);
        Assert.Equal(ComponentState.Unreachable, ServiceReport.From([null, null]).State);
        Assert.Equal(ComponentState.Unreachable, ServiceReport.From([]).State);
    }

    [Fact]
    public void The_whole_is_unhealthy_only_when_no_service_works()
    {
        var board = new StatusBoard(_time);

        board.Update(ServiceNames.All.ToDictionary(name => name, _ => ServiceReport.From([null])));
        Assert.Equal(ComponentState.Unhealthy, board.Current.Status);

        board.Update(Reports("""{"billing-db":"unhealthy"}"""));
        Assert.Equal(ComponentState.Degraded, board.Current.Status);

        board.Update(Reports("""{"billing-db":"healthy"}"""));
        Assert.Equal(ComponentState.Healthy, board.Current.Status);
    }

    [Fact]
    public async Task The_page_follows_what_services_say_of_themselves()
    {
        await using var billing = await StubService.StartAsync("billing");
        await using var gateway = new GatewayApplication(_time).With(ServiceNames.Billing, billing.Address);
        using var client = gateway.CreateVisitor();

        var first = await StatusReader.WaitAsync(client, status => status.Services["billing"].State == "healthy");
        Assert.Equal("degraded", first.Status);
        Assert.Equal("unreachable", first.Services["usage"].State);
        Assert.Equal(Start, first.Services["billing"].Since);

        billing.Health = """{"status":"unhealthy","checks":{"self":"healthy","billing-db":"unhealthy","rabbitmq":"healthy"}}""";
        _time.Advance(TimeSpan.FromSeconds(5));
        var second = await StatusReader.WaitAsync(client, status => status.Services["billing"].State == "unhealthy");

        Assert.Equal(Start.AddSeconds(5), second.Services["billing"].Since);
        Assert.Equal(["billing-db", "rabbitmq"], second.Services["billing"].Checks.Keys.Order());
        Assert.Equal("unhealthy", second.Dependencies["postgres"].State);
        Assert.Equal("healthy", second.Dependencies["rabbitmq"].State);
        Assert.Equal(Start, second.Services["usage"].Since);
    }

    [Theory]
    [InlineData("en", "System status")]
    [InlineData("ru", "Состояние системы")]
    [InlineData("uk", "Стан системи")]
    public async Task A_browser_gets_a_page_in_its_language_without_addresses(string language, string title)
    {
        await using var billing = await StubService.StartAsync("billing");
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, billing.Address);
        using var client = gateway.CreateVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/status");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        request.Headers.AcceptLanguage.ParseAdd(language);

        using var response = await client.SendAsync(request);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"<html lang=\"{language}\"", html, StringComparison.Ordinal);
        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        Assert.All(ServiceNames.All, name => Assert.Contains($">{name}</th>", html, StringComparison.Ordinal));
        Assert.DoesNotContain(billing.Address, html, StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task The_language_can_be_chosen_on_the_page_and_is_remembered()
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        var html = await client.GetStringAsync("/status");
        Assert.All(["en", "ru", "uk"], language => Assert.Contains($"href=\"?lang={language}\"", html, StringComparison.Ordinal));
        using var chosen = await client.GetAsync("/status?lang=uk");

        Assert.Equal("/status", chosen.Headers.Location?.ToString());
        Assert.StartsWith("lang=uk;", chosen.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        using var foreign = await client.GetAsync("/status?lang=//evil.example");
        Assert.Equal(System.Net.HttpStatusCode.OK, foreign.StatusCode);
    }

    [Fact]
    public async Task The_gateways_own_health_does_not_depend_on_the_services()
    {
        await using var gateway = new GatewayApplication();
        using var client = gateway.CreateVisitor();

        Assert.Contains("\"healthy\"", await client.GetStringAsync("/health"), StringComparison.Ordinal);
        Assert.Contains("\"healthy\"", await client.GetStringAsync("/alive"), StringComparison.Ordinal);
    }

    // What all services report: billing and policy as given, the others healthy without dependencies.
    private static Dictionary<string, ServiceReport> Reports(string billing, string policy = "{}") => ServiceNames.All.ToDictionary(
        name => name,
        name => ServiceReport.From([Document(name switch { "billing" => billing, "policy" => policy, _ => "{}" })]));

    private static HealthDocument Document(string checks)
    {
        var parsed = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(checks)!;
        return new HealthDocument(parsed.ContainsValue("unhealthy") ? "unhealthy" : "healthy", parsed);
    }
}
