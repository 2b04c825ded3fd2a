using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace BotGeneric.Replay;

/// <summary>What the API says of a request of up to 1,000 events.</summary>
/// <param name="Stored">Stored now.</param>
/// <param name="Duplicates">There already.</param>
/// <param name="Invalid">Refused.</param>
public sealed record Outcome(int Stored, int Duplicates, int Invalid);

/// <summary>Totals of a span.</summary>
/// <param name="Requests">Calls.</param>
/// <param name="InputTokens">Tokens of input.</param>
/// <param name="OutputTokens">Tokens of output.</param>
public readonly record struct Totals(long Requests, long InputTokens, long OutputTokens)
{
    /// <summary>Adds two.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static Totals operator +(Totals left, Totals right) =>
        new(left.Requests + right.Requests, left.InputTokens + right.InputTokens, left.OutputTokens + right.OutputTokens);

    /// <summary>The totals of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>Their number and their tokens.</returns>
    public static Totals Of(IEnumerable<TraceRow> rows) =>
        rows.Aggregate(default(Totals), (sum, row) => sum + new Totals(1, row.InputTokens, row.OutputTokens));
}

/// <summary>One limit of an account at a moment.</summary>
/// <param name="Meter">What is counted.</param>
/// <param name="Used">Units used in the window.</param>
/// <param name="WindowStart">When the window began.</param>
/// <param name="ResetsAt">When it ends.</param>
public sealed record UsedLimit(string Meter, long Used, DateTimeOffset WindowStart, DateTimeOffset ResetsAt);

/// <summary>The public API, as any client sees it through the gateway.</summary>
/// <param name="client">A client with the gateway's address and a key.</param>
public sealed class ReplayClient(HttpClient client)
{
    /// <summary>A client of a gateway.</summary>
    /// <param name="gateway">Its address.</param>
    /// <param name="apiKey">A key.</param>
    /// <returns>The client.</returns>
    public static HttpClient Connect(Uri gateway, string apiKey) => new()
    {
        BaseAddress = gateway,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) },
    };

    /// <summary>Reports rows as CloudEvents. The id of an event is the row's number, so that a repetition is a duplicate.</summary>
    /// <param name="account">The account that is charged.</param>
    /// <param name="source">The CloudEvents source.</param>
    /// <param name="rows">Up to 1,000 rows.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>What became of them.</returns>
    public async Task<Outcome> ReportAsync(Guid account, string source, IReadOnlyList<TraceRow> rows, CancellationToken cancellationToken)
    {
        var content = JsonContent.Create(
            rows.Select(row => new
            {
                specversion = "1.0",
                type = "llm.call.v1",
                source,
                id = $"row-{row.Number}",
                subject = account,
                time = row.Time,
                data = new { feature = "replay", inputTokens = row.InputTokens, outputTokens = row.OutputTokens },
            }),
            new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        using var response = await client.PostAsync("/api/usage/events", content, cancellationToken);
        return await ReadAsync<Outcome>(response, cancellationToken);
    }

    /// <summary>Walks every page of the account's history.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels the walk.</param>
    /// <returns>The totals of all entries.</returns>
    public async Task<Totals> HistoryAsync(Guid account, CancellationToken cancellationToken)
    {
        var totals = default(Totals);
        string? cursor = null;
        do
        {
            var page = await GetAsync<JsonElement>(
                $"/api/usage/history?account={account}&limit=200{(cursor is null ? string.Empty : $"&cursor={cursor}")}", cancellationToken);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                totals += new Totals(1, item.GetProperty("inputTokens").GetInt64(), item.GetProperty("outputTokens").GetInt64());
            }

            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        return totals;
    }

    /// <summary>The account's limits in the windows of a moment.</summary>
    /// <param name="account">The account.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The limits.</returns>
    public async Task<IReadOnlyList<UsedLimit>> LimitsAsync(Guid account, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var limits = await GetAsync<JsonElement>($"/api/policy/limits?account={account}&at={Query(at)}", cancellationToken);
        return limits.GetProperty("limits").Deserialize<UsedLimit[]>(JsonSerializerOptions.Web) ?? [];
    }

    /// <summary>The totals of the account's trend.</summary>
    /// <param name="account">The account.</param>
    /// <param name="from">The beginning of the span.</param>
    /// <param name="to">Its end.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The totals.</returns>
    public async Task<Totals> TrendAsync(Guid account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var trend = await GetAsync<JsonElement>($"/api/analytics/trends?account={account}&from={Query(from)}&to={Query(to)}", cancellationToken);
        return trend.GetProperty("totals").Deserialize<Totals>(JsonSerializerOptions.Web);
    }

    private static string Query(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("O"));

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }

        return (await response.Content.ReadFromJsonAsync<T>(cancellationToken))!;
    }

    private async Task<T> GetAsync<T>(string address, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(address, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }
}
