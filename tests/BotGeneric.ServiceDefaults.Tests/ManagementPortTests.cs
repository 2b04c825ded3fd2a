using System.Net;
using BotGeneric.Testing;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class ManagementPortTests
{
    [Fact]
    public async Task Metrics_are_offered_on_the_management_port_only_whatever_the_Host_header_says()
    {
        var port = FreePorts.Take();
        await using var service = await TestService.StartAsync(_ => { }, register: null, ("Management:Port", $"{port}"), ("Management:Host", "127.0.0.1"));
        using var client = service.CreateVisitor();
        var facing = service.Addresses.Single(address => address.Port != port);
        using var forged = new HttpRequestMessage(HttpMethod.Get, new Uri(facing, "/metrics"));
        forged.Headers.Host = $"127.0.0.1:{port}";

        using var refused = await client.SendAsync(forged);
        using var metrics = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/metrics"));

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        Assert.Equal("text/plain", metrics.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("many")]
    public void A_port_that_cannot_be_one_stops_the_process(string port)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => TestService.Build(_ => { }, register: null, ("Management:Port", port)));

        Assert.Contains("Management:Port", exception.Message, StringComparison.Ordinal);
    }
}
