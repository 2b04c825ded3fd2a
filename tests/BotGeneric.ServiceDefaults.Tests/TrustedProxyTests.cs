using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("true", "203.0.113.7 https bot.example")]
    [InlineData("false", "127.0.0.1 http")]
    public async Task The_client_is_whom_a_trusted_proxy_names(string trustLoopback, string expected)
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/who", (HttpContext context) =>
                $"{context.Connection.RemoteIpAddress} {context.Request.Scheme} {context.Request.Host}").AllowAnonymous(),
            register: null,
            ("ForwardedHeaders:TrustLoopback", trustLoopback));
        using var client = service.CreateVisitor();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "bot.example");

        Assert.StartsWith(expected, await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ForwardedHeaders:KnownNetworks:0", "10.0.0.0")]
    [InlineData("ForwardedHeaders:KnownProxies:0", "nginx")]
    [InlineData("ForwardedHeaders:ForwardLimit", "0")]
    public async Task A_proxy_that_cannot_be_one_stops_the_process(string key, string value)
    {
        await using var app = TestService.Build(_ => { }, register: null, (key, value));

        await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
    }
}
