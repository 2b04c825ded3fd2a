using System.Diagnostics;
using System.Net.Http.Json;

namespace BotGeneric.Gateway.Tests;

/// <summary>The status document as a client reads it.</summary>
public sealed record StatusView(
    string Status, Dictionary<string, ServiceView> Services, Dictionary<string, ComponentView> Dependencies, Dictionary<string, ComponentView> Edge);

/// <summary>A service in it.</summary>
public sealed record ServiceView(string State, DateTimeOffset Since, Dictionary<string, ComponentView> Checks);

/// <summary>A dependency in it.</summary>
public sealed record ComponentView(string State, DateTimeOffset Since);

/// <summary>Reads <c>/status</c>.</summary>
public static class StatusReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads until the document is as expected.</summary>
    public static async Task<StatusView> WaitAsync(HttpClient client, Func<StatusView, bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var status = (await client.GetFromJsonAsync<StatusView>("/status"))!;
            if (condition(status))
            {
                return status;
            }

            Assert.True(watch.Elapsed < Patience, $"The status stayed {status.Status}: {string.Join(", ", status.Services)}");
        }
    }
}
