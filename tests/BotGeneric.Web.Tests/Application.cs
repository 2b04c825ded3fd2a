using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>An application of somebody else, which asks people and whose devices ask them.</summary>
internal sealed class Application(string clientId)
{
    private const string RedirectUri = "https://reader.example/callback";
    private const string Scopes = "openid users:read agents:read";

    /// <summary>Where a person is asked whether it may act for them.</summary>
    public string ConsentAddress =>
        $"/connect/authorize?response_type=code&client_id={clientId}&redirect_uri={Uri.EscapeDataString(RedirectUri)}&scope={Uri.EscapeDataString(Scopes)}"
        + "&state=x&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    /// <summary>Registers one through the page of admins.</summary>
    public static async Task<Application> RegisterAsync(IPage admin)
    {
        var clientId = $"reader-{Guid.CreateVersion7():N}";
        await admin.GotoAsync("/account/admin/clients/new");
        await admin.FillAsync("[name=clientId]", clientId);
        await admin.CheckAsync("[name=kind][value=public]");
        await admin.FillAsync("[name=displayName]", "Читальня Верхньодніпровського району");
        await admin.CheckAsync("[name=grants][value=authorization_code]");
        await admin.CheckAsync("[name=grants][value='urn:ietf:params:oauth:grant-type:device_code']");
        foreach (var scope in Scopes.Split(' '))
        {
            await admin.CheckAsync($"[name=scopes][value='{scope}']");
        }

        await admin.FillAsync("[name=redirectUris]", RedirectUri);
        await admin.ClickAsync("form[action='/account/admin/clients/new'] button[type=submit]");
        await admin.ArriveAsync(url => url.EndsWith("?saved", StringComparison.Ordinal));
        return new Application(clientId);
    }

    /// <summary>Where a person is asked whether one of its devices may sign in.</summary>
    public async Task<string> DeviceAddressAsync(WebSystem system)
    {
        using var client = new HttpClient { BaseAddress = system.Origin };
        using var form = new FormUrlEncodedContent([new("client_id", clientId), new("scope", Scopes)]);
        using var answer = await client.PostAsync(new Uri("/connect/deviceauthorization", UriKind.Relative), form);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, json.ToString());
        return $"/account/device?user_code={Uri.EscapeDataString(json.GetProperty("user_code").GetString()!)}";
    }
}
