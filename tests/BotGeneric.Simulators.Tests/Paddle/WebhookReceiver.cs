using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>A notification destination that checks every signature by itself.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    /// <summary>The destination's secret.</summary>
    public const string Secret = "pdl_ntfset_01gkdqyz2m2h5bq3z8yvxk6w3c_simulated";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<JsonObject> _received = new();
    private readonly ConcurrentQueue<int> _statuses = new();

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public string Address => $"{_app.Urls.First()}/webhooks/paddle";

    /// <summary>How many had a wrong signature.</summary>
    public int Forged { get; private set; }

    /// <summary>Starts one.</summary>
    public static async Task<WebhookReceiver> StartAsync(string secret = Secret)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver.Receive(context, body.ToArray(), secret);
        });
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Answers the next deliveries with these statuses.</summary>
    public void AnswerNext(params int[] statuses)
    {
        foreach (var status in statuses)
        {
            _statuses.Enqueue(status);
        }
    }

    /// <summary>What was accepted since the last time.</summary>
    public IReadOnlyList<JsonObject> Take()
    {
        var taken = new List<JsonObject>();
        while (_received.TryDequeue(out var envelope))
        {
            taken.Add(envelope);
        }

        return taken;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Receive(HttpContext context, byte[] body, string secret)
    {
        var parts = context.Request.Headers["Paddle-Signature"].ToString().Split(';').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{parts["ts"]}:"), .. body];
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
        if (expected != parts["h1"])
        {
            Forged++;
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (_statuses.TryDequeue(out var status) && status != StatusCodes.Status200OK)
        {
            context.Response.StatusCode = status;
            return;
        }

        _received.Enqueue(JsonNode.Parse(body)!.AsObject());
    }
}
