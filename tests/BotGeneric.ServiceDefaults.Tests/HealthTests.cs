using System.Net;
using System.Net.Http.Json;
using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class HealthTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, HttpStatusCode.OK, "healthy")]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK, "degraded")]
    [InlineData(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable, "unhealthy")]
    public async Task Health_names_each_dependency_and_is_open_but_tells_no_reason(HealthStatus state, HttpStatusCode status, string name)
    {
        await using var service = await TestService.StartAsync(_ => { }, builder => builder.Services.AddHealthChecks()
            .AddCheck("billing-db", () => new HealthCheckResult(state, "10.0.0.7 refuses", new InvalidOperationException("password wrong"))));
        using var client = service.CreateVisitor();

        using var response = await client.GetAsync("/health");
        var text = await response.Content.ReadAsStringAsync();
        var document = await response.Content.ReadFromJsonAsync<HealthDocument>(HealthDocument.Json);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(name, document!.Status);
        Assert.Equal(name, document.Checks["billing-db"]);
        Assert.Equal("healthy", document.Checks["self"]);
        Assert.DoesNotContain("10.0.0.7", text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_is_alive_even_when_a_dependency_is_not()
    {
        await using var service = await TestService.StartAsync(_ => { }, builder => builder.Services.AddHealthChecks()
            .AddCheck("billing-db", () => HealthCheckResult.Unhealthy()));
        using var client = service.CreateVisitor();

        var document = await client.GetFromJsonAsync<HealthDocument>("/alive", HealthDocument.Json);

        Assert.Equal("healthy", document!.Status);
        Assert.DoesNotContain("billing-db", document.Checks.Keys);
    }
}
