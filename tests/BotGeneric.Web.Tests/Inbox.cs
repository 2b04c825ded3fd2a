using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;

namespace BotGeneric.Web.Tests;

/// <summary>The mail that the simulated mail server has taken.</summary>
internal static class Inbox
{
    /// <summary>Waits for the newest message to an address whose text has a link with a path, and gives the link.</summary>
    public static async Task<Uri> LinkAsync(WebSystem system, string address, string path)
    {
        using var client = new HttpClient { BaseAddress = system.Application.AddressOf("simulators") };
        return (await Eventually.GetAsync(
            async () =>
            {
                var list = await client.GetFromJsonAsync<JsonElement>($"/mail/messages?to={Uri.EscapeDataString(address)}");
                foreach (var summary in list.GetProperty("items").EnumerateArray())
                {
                    var message = await client.GetFromJsonAsync<JsonElement>($"/mail/messages/{summary.GetProperty("id").GetString()}");
                    var link = message.GetProperty("links").EnumerateArray().Select(element => element.GetString()!)
                        .FirstOrDefault(candidate => new Uri(candidate).AbsolutePath == path);
                    if (link is not null)
                    {
                        return new Uri(link);
                    }
                }

                return null;
            },
            link => link is not null,
            $"a message with a link to {path}"))!;
    }
}
