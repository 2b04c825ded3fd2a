using BotGeneric.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.Gateway.Tests;

public sealed class CompressionTests : IAsyncLifetime
{
    private StubService _service = null!;

    public async Task InitializeAsync() => _service = await StubService.StartAsync(async context =>
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($"[{string.Join(',', Enumerable.Repeat("\"the same again\"", 500))}]");
    });

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("br, gzip", null, "br")]
    [InlineData("gzip", null, "gzip")]
    [InlineData("br", "lang=uk", "br")]
    [InlineData("br", "__Host-session=secret", null)]
    [InlineData("br", "lang=uk; session=secret", null)]
    [InlineData("identity", null, null)]
    public async Task An_answer_is_compressed_unless_the_browser_sent_a_credential_by_itself(string accepted, string? cookie, string? encoding)
    {
        await using var gateway = new GatewayApplication().With(ServiceNames.Billing, _service.Address);
        using var client = gateway.CreateVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/plans");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);

        using var response = await client.SendAsync(request);

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
    }
}
