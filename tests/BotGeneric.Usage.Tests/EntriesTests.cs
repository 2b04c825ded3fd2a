using System.Text.Json;

namespace BotGeneric.Usage.Tests;

/// <summary>Entries of all accounts as they are streamed.</summary>
public sealed class EntriesTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task Entries_of_all_accounts_come_once_and_in_the_order_of_their_time_however_they_lie_in_it()
    {
        var start = Queries.Periods.Floor(application.Clock.GetUtcNow()).AddDays(-20);
        var random = new Random(1);
        // Gaps of days, many within minutes, and some at the same moment.
        var calls = Enumerable.Range(0, 1_500).Select(number => application.Call(
            Guid.CreateVersion7(), number % 3 == 0 ? start.AddMinutes(random.Next(20 * 1440)) : start.AddHours(30).AddSeconds(random.Next(600)))).ToArray();
        await application.RecordAsync(calls);

        var text = await _client.GetStringAsync($"/api/admin/usage/entries?from={start.UtcDateTime:O}&to={start.AddDays(20).UtcDateTime:O}");

        var entries = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("entry")).ToList();
        Assert.Equal(calls.OrderBy(call => call.Time).ThenBy(call => call.Id.ToString("N"), StringComparer.Ordinal).Select(call => call.Id), entries.Select(entry => entry.GetProperty("id").GetGuid()));
    }
}
