using System.Net;
using BotGeneric.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.Gateway.Tests;

public sealed class StreamingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/conversations/1/messages")]
    public async Task Events_arrive_as_they_are_written_and_the_stream_outlives_the_timeout_of_other_routes(string path)
    {
        var goOn = new TaskCompletionSource();
        await using var agents = await StubService.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: first\n\n");
            await context.Response.Body.FlushAsync();
            await goOn.Task.WaitAsync(Patience);
            await context.Response.WriteAsync("data: second\n\n");
        });
        await using var slow = await StubService.StartAsync(context => goOn.Task.WaitAsync(Patience, context.RequestAborted));
        await using var gateway = new GatewayApplication()
            .With(ServiceNames.Agents, agents.Address)
            .With(ServiceNames.Billing, slow.Address)
            .Set("Routing:StandardTimeout", "00:00:01");
        using var client = gateway.CreateOperator();
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br, gzip");

        using var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        // The stream is still open at the service when its first event has arrived here: nothing held it back.
        Assert.Equal("data: first", await reader.ReadLineAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);

        // An ordinary request that starts later runs into its timeout, so the stream has outlived the same.
        using var timedOut = await client.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.GatewayTimeout, timedOut.StatusCode);
        goOn.SetResult();
        await reader.ReadLineAsync();
        Assert.Equal("data: second", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_service_hears_when_the_reader_of_a_stream_goes_away()
    {
        var gone = new TaskCompletionSource();
        await using var agents = await StubService.StartAsync(async context =>
        {
            context.RequestAborted.Register(gone.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: first\n\n");
            await context.Response.Body.FlushAsync();
            await gone.Task.WaitAsync(Patience);
        });
        await using var gateway = new GatewayApplication().With(ServiceNames.Agents, agents.Address);
        using (var client = gateway.CreateOperator())
        {
            using var response = await client.GetAsync("/v1/chat/completions", HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await response.Content.ReadAsStreamAsync();
            Assert.NotEqual(0, await stream.ReadAsync(new byte[1]));
        }

        await gone.Task.WaitAsync(Patience);
    }
}
