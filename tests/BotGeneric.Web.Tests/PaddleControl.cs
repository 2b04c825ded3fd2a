using System.Net.Http.Json;
using System.Text.Json;

namespace BotGeneric.Web.Tests;

/// <summary>What tests ask of the simulated Paddle.</summary>
internal sealed class PaddleControl(Uri simulators) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri(simulators, "/paddle/control/"), Timeout = TimeSpan.FromMinutes(2) };

    public void Dispose() => _client.Dispose();

    /// <summary>Moves Paddle's clock ahead, and waits until everything that happened on the way is delivered.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        await SendAsync(HttpMethod.Post, "clock", new { advanceBy = by.ToString("c", null) });
        await SettleAsync();
    }

    /// <summary>Waits until nothing waits to be delivered.</summary>
    public async Task SettleAsync()
    {
        var settled = await _client.GetFromJsonAsync<JsonElement>("deliveries/settled?timeoutSeconds=100");
        Assert.True(settled.GetProperty("settled").GetBoolean(), settled.ToString());
        Assert.Equal(0, settled.GetProperty("failed").GetInt32());
    }

    public async Task SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await _client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {await response.Content.ReadAsStringAsync()}");
    }
}
