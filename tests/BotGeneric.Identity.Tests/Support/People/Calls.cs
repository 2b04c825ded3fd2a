using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BotGeneric.Identity.Tests.Support.People;

/// <summary>Short ways to call the API.</summary>
internal static class Calls
{
    public static async Task<JsonElement> ReadAsync(this HttpClient client, string path) => await OkAsync(await client.GetAsync(path));

    public static async Task<JsonElement> SendAsync(this HttpClient client, HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
        => await OkAsync(await client.TryAsync(method, path, body, idempotencyKey));

    public static async Task<HttpResponseMessage> TryAsync(
        this HttpClient client, HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await client.SendAsync(request);
    }

    public static async Task<HttpStatusCode> StatusAsync(this HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var response = await client.TryAsync(method, path, body);
        return response.StatusCode;
    }

    private static async Task<JsonElement> OkAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
            return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        }
    }
}
