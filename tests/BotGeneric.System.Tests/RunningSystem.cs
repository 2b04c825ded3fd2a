using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.AppHost.Native;
using BotGeneric.Replay;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

/// <summary>The whole application model on free ports, started once for all tests of this project, driven through the gateway.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    public const string Collection = "The running system";
    public const string SomePrice = "pri_01gsz8x8sawmvhz1pv30nge1ke";

    private AppHostProcess? _application;
    private HttpClient? _operator;

    public AppHostProcess Application => _application!;

    /// <summary>The gateway, with the operator's key.</summary>
    public HttpClient Operator => _operator!;

    public async Task InitializeAsync()
    {
        _application = await AppHostProcess.StartAsync(new AppHostProcessOptions
        {
            Environment = new Dictionary<string, string>
            {
                // Nobody waits minutes for a deletion that is due.
                ["Accounts__ErasureInterval"] = "00:00:01",
                // What is signed may wait for a while on a busy machine; Paddle would deliver it again much later.
                ["Paddle__SignatureTolerance"] = "00:05:00",
            },
        });
        _operator = ReplayClient.Connect(Application.Gateway, Application.DevelopmentApiKey);
    }

    public async Task DisposeAsync()
    {
        _operator?.Dispose();
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }

    /// <summary>A client of the gateway without any credential.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Application.Gateway };

    public Task<JsonElement> GetAsync(string path) => Operator.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Buys a plan for the operator, as the README does. Nothing can be bought until the catalogue is pushed, soon after the start.</summary>
    public async Task BuyAsync(string plan)
    {
        var checkout = await Eventually.GetAsync(
            async () =>
            {
                using var answer = await Operator.PostAsJsonAsync("/api/subscriptions/checkout", new { planCode = plan });
                return await answer.Content.ReadFromJsonAsync<JsonElement>();
            },
            answer => answer.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String,
            "a checkout");
        var transaction = checkout.GetProperty("url").GetString()!.Split("_ptxn=")[1];
        using var simulators = new HttpClient { BaseAddress = Application.AddressOf("simulators") };
        using var paid = await simulators.PostAsJsonAsync($"/paddle/control/checkouts/{transaction}", new { });
        Assert.True(paid.IsSuccessStatusCode, await paid.Content.ReadAsStringAsync());
    }

    /// <summary>Somebody buys a price at the simulated Paddle, without a checkout of ours; all its notifications go out.</summary>
    public async Task SellAsync(string price)
    {
        using var simulators = new HttpClient { BaseAddress = Application.AddressOf("simulators") };
        using var played = await simulators.PostAsJsonAsync("/paddle/control/scenarios/subscription_creation", new { priceId = price });
        Assert.True(played.IsSuccessStatusCode, await played.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// Waits for a trace that begins with a request of this test, made since a moment, and in which, from each of some services, the parents lead up to that request. Processes
    /// report their spans in their own time, so a trace is complete some seconds after its end.
    /// </summary>
    public async Task<IReadOnlyList<TraceSpan>> TraceAsync(string request, DateTimeOffset since, params string[] services)
    {
        using var collector = new HttpClient();
        return (await Eventually.GetAsync(
            async () =>
            {
                foreach (var trace in await ListAsync(collector))
                {
                    var spans = await collector.GetFromJsonAsync<TraceSpan[]>($"{Application.Traces}/{trace.TraceId}.json") ?? [];
                    if (spans.Any(span => span.Name == request && span.Start >= since) && services.All(service => LeadsUpTo(request, service, spans)))
                    {
                        return spans;
                    }
                }

                return null;
            },
            spans => spans is not null,
            $"a trace from '{request}' to {string.Join(", ", services)}"))!;
    }

    private static bool LeadsUpTo(string request, string service, TraceSpan[] spans)
    {
        var byId = spans.ToDictionary(span => span.SpanId);
        return spans.Where(span => span.Service == service).Any(span =>
        {
            var step = span;
            while (step.ParentSpanId is { Length: > 0 } parent && byId.TryGetValue(parent, out var next))
            {
                step = next;
            }

            return step.Name == request && step.Service == "gateway";
        });
    }

    private async Task<IReadOnlyList<TraceSummary>> ListAsync(HttpClient collector) =>
        await collector.GetFromJsonAsync<TraceSummary[]>($"{Application.Traces}.json") ?? [];
}

[CollectionDefinition(RunningSystem.Collection)]
public sealed class RunningSystemCollection : ICollectionFixture<RunningSystem>;
