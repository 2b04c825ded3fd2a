using System.Net.Http.Json;
using BotGeneric.Testing;

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
    /// <summary>Reads until the document is as expected.</summary>
    public static async Task<StatusView> WaitAsync(HttpClient client, Func<StatusView, bool> condition)
    {
        StatusView? status = null;
        await Eventually.EqualAsync(
            true,
            async () =>
            {
                status = (await client.GetFromJsonAsync<StatusView>("/status"))!;
                return condition(status);
            },
            "the status");
        return status!;
    }
}
