using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using BotGeneric.Gateway.Routing;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Gateway.Tests;

public sealed class BodyLimitTests : IAsyncLifetime
{
    private const int Kilobyte = 1024;

    private readonly GatewayApplication _gateway = new();
    private StubService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await StubService.StartAsync("read to the end");
        _gateway.With(ServiceNames.Billing, _service.Address).With(ServiceNames.Usage, _service.Address).With(ServiceNames.Telegram, _service.Address);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/subscriptions", 256)]
    [InlineData("/webhooks/paddle", 2 * 1024)]
    [InlineData("/telegram/webhook/key", 1024)]
    [InlineData("/api/usage/events", 5 * 1024)]
    public async Task A_body_of_the_full_size_passes(string path, int kilobytes)
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(path, kilobytes * Kilobyte, chunked: false)).Status);

        // The server counts the framing of chunks as well, a few bytes for each.
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(path, kilobytes * Kilobyte * 15 / 16, chunked: true)).Status);
    }

    [Theory]
    [InlineData("/api/subscriptions", 256)]
    [InlineData("/webhooks/paddle", 2 * 1024)]
    [InlineData("/telegram/webhook/key", 1024)]
    [InlineData("/api/usage/events", 5 * 1024)]
    public async Task One_byte_more_is_too_large_and_the_service_is_not_bothered(string path, int kilobytes)
    {
        var (status, problem) = await PostAsync(path, (kilobytes * Kilobyte) + 1, chunked: false);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal("urn:botgeneric:problem:too-large", problem?.Type);
        Assert.Contains($"{kilobytes} KB", problem?.Detail, StringComparison.Ordinal);
        Assert.Empty(_service.Requests);
    }

    [Theory]
    [InlineData("/api/subscriptions", 256)]
    [InlineData("/webhooks/paddle", 2 * 1024)]
    [InlineData("/api/usage/events", 5 * 1024)]
    public async Task A_body_that_does_not_tell_its_size_is_cut_off_at_the_limit(string path, int kilobytes)
    {
        using var _ = _gateway.CreateOperator();
        using var connection = new TcpClient();
        var address = _gateway.ClientOptions.BaseAddress;
        await connection.ConnectAsync(address.Host, address.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {_gateway.OperatorToken}\r\nTransfer-Encoding: chunked\r\n\r\n"));

        // The limit and one chunk more, and no end: the answer must come from what was sent so far.
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[64 * Kilobyte], .. "\r\n"u8];
        for (var sent = 0; sent <= kilobytes / 64; sent++)
        {
            await stream.WriteAsync(chunk);
        }

        using var reader = new StreamReader(stream);
        var answer = new StringBuilder();
        while (!answer.ToString().Contains("traceId", StringComparison.Ordinal) && await reader.ReadLineAsync() is { } line)
        {
            answer.AppendLine(line);
        }

        Assert.StartsWith("HTTP/1.1 413 ", answer.ToString(), StringComparison.Ordinal);
        Assert.Contains("urn:botgeneric:problem:too-large", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GRpc_is_refused_because_the_proxy_would_lift_the_limit_for_it()
    {
        using var client = _gateway.CreateOperator();
        using var content = new ByteArrayContent([1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await client.PostAsync("/api/subscriptions", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private async Task<(HttpStatusCode Status, ProblemDetails? Problem)> PostAsync(string path, int bytes, bool chunked)
    {
        using var client = _gateway.CreateOperator();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[bytes]) };
        request.Headers.TransferEncodingChunked = chunked;
        // The client waits for a word before it sends the body, as a careful one does, and so reads the refusal instead of a broken connection.
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);
        return (response.StatusCode, response.IsSuccessStatusCode ? null : await response.Content.ReadFromJsonAsync<ProblemDetails>());
    }
}
