using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using BotGeneric.Testing;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace BotGeneric.Web.Tests;

/// <summary>An admin locks somebody out of everything, through the gateway.</summary>
[Collection(WebSystem.Collection)]
public sealed class LockTests(WebSystem system, ITestOutputHelper output)
{
    private static readonly Uri Me = new("/api/users/me", UriKind.Relative);

    [Fact]
    public async Task Who_is_locked_is_refused_with_pages_session_and_key_and_cannot_sign_in_again()
    {
        var person = await Person.RegisterAsync(system);
        using var client = new HttpClient { BaseAddress = system.Application.Gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await person.CreateKeyAsync());
        await person.BeginGatewaySessionAsync();
        Assert.Equal(200, await StatusInBrowserAsync(person.Page));
        Assert.Equal(HttpStatusCode.OK, await StatusWithKeyAsync(client));
        var id = await IdAsync(client);
        var admin = await system.OpenAdminBrowserAsync();

        var locked = await admin.EvaluateAsync<int>(
            """
            id => fetch(`/api/admin/users/${id}/lock`, {
              method: 'POST',
              headers: { 'Content-Type': 'application/json', 'X-CSRF': '1' },
              body: JSON.stringify({ reason: 'A test.' }),
            }).then(answer => answer.status)
            """,
            id);
        var since = TimeProvider.System.GetTimestamp();

        Assert.Equal(204, locked);
        await Task.WhenAll(
            EndsAsync(async () => await StatusWithKeyAsync(client) == HttpStatusCode.Unauthorized, "key", since),
            EndsAsync(async () => await StatusInBrowserAsync(person.Page) == 401, "session", since));
        await person.Page.GotoAsync("/account");
        Assert.Contains("/login", person.Page.Url, StringComparison.Ordinal);
        await person.SignInAsync("/account");
        await person.Page.ArriveAsync(url => url.Contains("/login/locked", StringComparison.Ordinal));
    }

    private static Task<int> StatusInBrowserAsync(IPage page) => page.EvaluateAsync<int>("fetch('/api/users/me').then(answer => answer.status)");

    private static async Task<HttpStatusCode> StatusWithKeyAsync(HttpClient client)
    {
        using var response = await client.GetAsync(Me);
        return response.StatusCode;
    }

    private static async Task<string> IdAsync(HttpClient client)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(Me));
        return document.RootElement.GetProperty("id").GetString()!;
    }

    private async Task EndsAsync(Func<Task<bool>> isRefused, string what, long since)
    {
        await Eventually.EqualAsync(true, isRefused, $"the {what} to be refused");
        output.WriteLine($"The {what} was refused within {TimeProvider.System.GetElapsedTime(since).TotalMilliseconds:0} ms.");
    }
}
