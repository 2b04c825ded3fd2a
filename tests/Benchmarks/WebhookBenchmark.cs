using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Replay;
using BotGeneric.Testing;
using Microsoft.Extensions.Options;

namespace BotGeneric.Benchmarks;

/// <summary>
/// Paddle's notifications through the gateway with the whole system running, open-loop: how long each takes until the 200 that follows the commit, and how long from that answer until Policy
/// allows what the plan promises. The baseline in the same run are deliveries with a wrong signature, which go the same way and are refused before anything is stored.
/// </summary>
internal static class WebhookBenchmark
{
    private const string Plan = "max";
    private const int ProbesPerSecond = 2;
    private const int Subscriptions = 2_000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(string[] arguments)
    {
        var rate = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 200;
        var duration = TimeSpan.FromSeconds(arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 30);

        await using var application = await AppHostProcess.StartAsync(new AppHostProcessOptions
        {
            // Who watches asks more often than anybody would.
            Environment = new Dictionary<string, string>
            {
                ["RateLimits__Api__Requests"] = "1000000",
                ["RateLimits__Account__Requests"] = "1000000",
                ["RateLimits__Key__Requests"] = "1000000",
            },
        });
        using var operators = ReplayClient.Connect(application.Gateway, application.DevelopmentApiKey);
        using var paddle = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = application.Gateway };
        var parameters = application.State.Parameters;
        var deliveries = new Deliveries(
            paddle, parameters["simulated-paddle-webhook-secret"], new CheckoutReferences(Options.Create(new BillingOptions { ReferenceKeys = [parameters["billing-reference-key"]] })),
            await PriceAsync(operators));

        await MeasureAsync(operators, deliveries, rate, WarmUp);
        // What is compiled during the warm-up makes a queue, which is no part of the measurement.
        await Eventually.EqualAsync(0, () => PendingAsync(operators), "events that wait in the inbox");
        var refused = await MeasureAsync(null, deliveries with { Secret = "another secret" }, rate, duration);
        var before = ProcessorTimes.Of(application);
        var stored = await MeasureAsync(operators, deliveries, rate, duration);
        var used = ProcessorTimes.Of(application).Since(before, stored.Answered.Length);

        Console.WriteLine($"refused at {rate}/s:  {Text(refused.Answered, 1000, "ms")}; answers {refused.Statuses}");
        Console.WriteLine($"accepted at {rate}/s: {Text(stored.Answered, 1000, "ms")}; answers {stored.Statuses}");
        Console.WriteLine($"p99 accepted / p99 refused = {Percentile(stored.Answered, 99) / Percentile(refused.Answered, 99):0.0}");
        Console.WriteLine($"from accepted until Policy allows it: {Text(stored.Allowed, 1, "s")}");
        Console.WriteLine($"processor time, in microseconds for each accepted delivery with all that follows from it: {used}");
        var failed = await operators.GetFromJsonAsync<JsonElement>("/api/admin/paddle/events?status=failed");
        Console.WriteLine($"failed in the inbox: {failed.GetProperty("items").GetArrayLength()}");
    }

    private static async Task<int> PendingAsync(HttpClient operators) =>
        (await operators.GetFromJsonAsync<JsonElement>("/api/admin/paddle/events?status=pending")).GetProperty("items").GetArrayLength();

    // Known to the simulated Paddle when the catalogue has been pushed, soon after the start.
    private static async Task<string> PriceAsync(HttpClient operators)
    {
        var plan = await Eventually.GetAsync(
            () => operators.GetFromJsonAsync<JsonElement>($"/api/admin/plans/{Plan}"),
            plan => Price(plan) is not null,
            "the plan's price to be known to Paddle");
        return Price(plan)!;
    }

    private static string? Price(JsonElement plan) => plan.GetProperty("prices").EnumerateArray()
        .Where(price => price.GetProperty("archivedAt").ValueKind == JsonValueKind.Null)
        .Select(price => price.GetProperty("paddlePriceId").GetString())
        .FirstOrDefault(price => price is not null);

    private static async Task<Measurement> MeasureAsync(HttpClient? operators, Deliveries deliveries, int rate, TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        var answers = new ConcurrentQueue<(double Seconds, HttpStatusCode Status)>();
        var requests = new List<Task>();
        var probes = new List<Task<double>>();
        var started = TimeProvider.System.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            while (requests.Count < (int)(elapsed * rate))
            {
                requests.Add(DeliverAsync(deliveries, answers, requests.Count));
            }

            while (operators is not null && probes.Count < (int)(elapsed * ProbesPerSecond))
            {
                probes.Add(ProbeAsync(operators, deliveries));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        await Task.WhenAll(requests);
        var allowed = await Task.WhenAll(probes);
        var answered = answers.Select(answer => answer.Seconds).Order().ToArray();
        var statuses = string.Join(", ", answers.GroupBy(answer => (int)answer.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} x {group.Key}"));
        return new Measurement(answered, [.. allowed.Order()], statuses);
    }

    private static async Task DeliverAsync(Deliveries deliveries, ConcurrentQueue<(double, HttpStatusCode)> answers, int number)
    {
        var body = deliveries.Subscription($"sub_bench{number % Subscriptions}", deliveries.Reference(number % Subscriptions), "subscription.updated");
        var sent = TimeProvider.System.GetTimestamp();
        var status = await deliveries.SendAsync(body);
        answers.Enqueue((TimeProvider.System.GetElapsedTime(sent).TotalSeconds, status));
    }

    // A subscription of an account of its own.
    private static async Task<double> ProbeAsync(HttpClient operators, Deliveries deliveries)
    {
        var account = Guid.CreateVersion7();
        var status = await deliveries.SendAsync(deliveries.Subscription($"sub_probe{account:N}", deliveries.Reference(account), "subscription.created"));
        if (status != HttpStatusCode.OK)
        {
            throw new InvalidOperationException($"The probe was answered {(int)status}.");
        }

        var accepted = TimeProvider.System.GetTimestamp();
        while (!await IsAllowedAsync(operators, account))
        {
            await Task.Delay(Poll);
        }

        return TimeProvider.System.GetElapsedTime(accepted).TotalSeconds;
    }

    private static async Task<bool> IsAllowedAsync(HttpClient operators, Guid account) =>
        (await operators.GetFromJsonAsync<JsonElement>($"/api/policy/limits?account={account}")).GetProperty("plans").EnumerateArray().Any(plan => plan.GetString() == Plan);

    private static double Percentile(double[] sorted, int percent) => sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    private static string Text(double[] sorted, int scale, string unit) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Percentile(sorted, 50) * scale:0.00} {unit}, p99 {Percentile(sorted, 99) * scale:0.00} {unit}, slowest {sorted[^1] * scale:0.00} {unit} of {sorted.Length}");

    private sealed record Measurement(double[] Answered, double[] Allowed, string Statuses);

    private sealed record Deliveries(HttpClient Client, string Secret, CheckoutReferences References, string Price)
    {
        // What belongs to a subscription is said of it with every notification.
        private readonly string[] _references = [.. Enumerable.Range(0, Subscriptions).Select(_ => References.Create(Guid.CreateVersion7(), Guid.CreateVersion7()))];

        internal string Reference(int number) => _references[number];

        internal string Reference(Guid account) => References.Create(Guid.CreateVersion7(), account);

        internal byte[] Subscription(string id, string reference, string type)
        {
            var now = TimeProvider.System.GetUtcNow();
            return JsonSerializer.SerializeToUtf8Bytes(new
            {
                event_id = $"evt_{Guid.CreateVersion7():N}",
                event_type = type,
                occurred_at = now,
                notification_id = $"ntf_{Guid.CreateVersion7():N}",
                data = new
                {
                    id,
                    status = "active",
                    customer_id = $"ctm_{id}",
                    address_id = $"add_{id}",
                    currency_code = "USD",
                    created_at = now,
                    updated_at = now,
                    started_at = now,
                    next_billed_at = now.AddMonths(1),
                    collection_mode = "automatic",
                    current_billing_period = new { starts_at = now, ends_at = now.AddMonths(1) },
                    billing_cycle = new { interval = "month", frequency = 1 },
                    items = new[]
                    {
                        new
                        {
                            status = "active",
                            quantity = 1,
                            recurring = true,
                            price = new { id = Price, unit_price = new { amount = "10000", currency_code = "USD" }, billing_cycle = new { interval = "month", frequency = 1 } },
                            product = new { id = "pro_bench", name = "Max", status = "active", description = new string('x', 1000) },
                        },
                    },
                    custom_data = new { reference },
                },
            });
        }

        internal async Task<HttpStatusCode> SendAsync(byte[] body)
        {
            var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}:"), .. body];
            var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/paddle")
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            request.Headers.Add("Paddle-Signature", $"ts={timestamp};h1={Convert.ToHexStringLower(signature)}");
            using var response = await Client.SendAsync(request);
            return response.StatusCode;
        }
    }
}
