using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using BotGeneric.Testing;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>The simulators as a process that can be killed.</summary>
public sealed class PaddleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private PaddleProcess(Process process, Uri address) => (_process, _http) = (process, new HttpClient { BaseAddress = address });

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="stateFile">What it goes on from.</param>
    /// <param name="receiver">Where notifications go.</param>
    public static async Task<PaddleProcess> StartAsync(string stateFile, WebhookReceiver receiver)
    {
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        var assembly = RepositoryPaths.OutputOf("tests/Simulators/BotGeneric.Simulators.csproj");
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (name, value) in new[]
        {
            ("ASPNETCORE_ENVIRONMENT", "Test"), ("ASPNETCORE_URLS", address.ToString()), ("Paddle__StateFile", stateFile), ("Paddle__WebhookUrl", receiver.Address),
            ("Paddle__WebhookSecret", WebhookReceiver.Secret), ("Paddle__ApiKey", PaddleSimulatorHost.ApiKey),
        })
        {
            start.Environment[name] = value;
        }

        var paddle = new PaddleProcess(Process.Start(start)!, address);
        paddle._process.OutputDataReceived += (_, _) => { };
        paddle._process.BeginOutputReadLine();
        await Eventually.EqualAsync(HttpStatusCode.OK, paddle.AliveAsync, "the simulators to be up");
        return paddle;
    }

    /// <summary>Calls the API.</summary>
    public async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/api/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PaddleSimulatorHost.ApiKey);
        request.Headers.Add("Paddle-Version", "1");
        return (await SendAsync(request))["data"]!;
    }

    /// <summary>Asks the control API.</summary>
    public async Task<JsonNode> ControlAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/paddle/control/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        return await SendAsync(request);
    }

    /// <summary>As <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<JsonNode> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private async Task<HttpStatusCode> AliveAsync()
    {
        try
        {
            using var response = await _http.GetAsync("/alive");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            Assert.False(_process.HasExited, "The simulators have ended.");
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
