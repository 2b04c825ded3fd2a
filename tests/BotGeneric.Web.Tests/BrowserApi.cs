using System.Net;
using System.Text.Json;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>Calls of the API from a page, with the session that the browser has at the gateway.</summary>
internal static class BrowserApi
{
    /// <summary>Calls and gives the answer, whatever it is.</summary>
    public static async Task<ApiAnswer> TryCallAsync(this IPage page, string method, string path, object? body = null)
    {
        var answer = await page.EvaluateAsync<string>(
            """
            async ({ method, path, body }) => {
              const answer = await fetch(path, {
                method,
                headers: body === null ? { 'X-CSRF': '1' } : { 'Content-Type': 'application/json', 'X-CSRF': '1' },
                body,
              });
              return JSON.stringify({ status: answer.status, text: await answer.text() });
            }
            """,
            new { method, path, body = body is null ? null : JsonSerializer.Serialize(body, JsonSerializerOptions.Web) });
        using var document = JsonDocument.Parse(answer);
        var text = document.RootElement.GetProperty("text").GetString()!;
        return new ApiAnswer(
            (HttpStatusCode)document.RootElement.GetProperty("status").GetInt32(), text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone());
    }

    /// <summary>Calls and insists on success.</summary>
    public static async Task<JsonElement> CallAsync(this IPage page, string method, string path, object? body = null)
    {
        var answer = await page.TryCallAsync(method, path, body);
        Assert.True((int)answer.Status is >= 200 and < 300, $"{method} {path}: {(int)answer.Status} {answer.Body}");
        return answer.Body;
    }
}

/// <summary>An answer of the API.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonElement Body);
