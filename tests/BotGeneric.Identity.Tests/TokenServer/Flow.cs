using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>An application that signs people in, as far as the token server can tell.</summary>
internal sealed class Flow(HttpClient client)
{
    public const string Verifier = "a-verifier-of-forty-three-characters-or-more-0123456789";

    public static string Challenge { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>The address of a request of the gateway, with changes; a null takes a parameter away.</summary>
    public static string Request(params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["client_id"] = "gateway",
            ["redirect_uri"] = TokenServerApplication.Callback,
            ["response_type"] = "code",
            ["scope"] = "openid profile email offline_access users:read agents:read agents:write telegram:write admin",
            ["state"] = "the-state",
            ["nonce"] = "the-nonce",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
        {
            parameters[name] = value;
        }

        return QueryHelpers.AddQueryString("/connect/authorize", parameters.Where(parameter => parameter.Value is not null));
    }

    /// <summary>The request of the third party.</summary>
    public static string ThirdPartyRequest(params (string Name, string? Value)[] changes) => Request(
        [("client_id", TokenServerApplication.ThirdParty), ("redirect_uri", TokenServerApplication.ThirdPartyCallback),
            ("scope", "openid profile offline_access users:read"), .. changes]);

    /// <summary>Sends a browser to the token server, as far as the first answer that is not about the request itself.</summary>
    public static async Task<HttpResponseMessage> AuthorizeAsync(Browser browser, string address)
    {
        var response = await browser.GetAsync(address);
        while (response.Headers.Location?.ToString() is { } next && next.Contains("/connect/authorize?", StringComparison.Ordinal) && !next.Contains("returnUrl", StringComparison.Ordinal))
        {
            response.Dispose();
            response = await browser.GetAsync(next);
        }

        return response;
    }

    /// <summary>The parameters with which a browser is sent back.</summary>
    public static Dictionary<string, string> Answer(HttpResponseMessage response, string callback = TokenServerApplication.Callback)
    {
        var location = response.Headers.Location?.OriginalString;
        Assert.True(location?.StartsWith(callback + "?", StringComparison.Ordinal), $"{(int)response.StatusCode} to {location}");
        return QueryHelpers.ParseQuery(new Uri(location!).Query).ToDictionary(parameter => parameter.Key, parameter => Assert.Single(parameter.Value)!);
    }

    /// <summary>A code for whoever is signed in.</summary>
    public static async Task<string> CodeAsync(Browser browser, params (string Name, string? Value)[] changes)
    {
        using var response = await AuthorizeAsync(browser, Request(changes));
        return Answer(response)["code"];
    }

    /// <summary>Tokens for whoever is signed in.</summary>
    public async Task<Tokens> SignInAsync(Browser browser, params (string Name, string? Value)[] changes) =>
        await ExchangeAsync(await CodeAsync(browser, changes));

    /// <summary>Exchanges a code of the gateway.</summary>
    public Task<Tokens> ExchangeAsync(string code, params (string Name, string? Value)[] changes) => TokenAsync(
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", TokenServerApplication.Callback), ("code_verifier", Verifier), .. changes]);

    /// <summary>Refreshes.</summary>
    public Task<Tokens> RefreshAsync(string refreshToken, params (string Name, string? Value)[] changes) =>
        TokenAsync([("grant_type", "refresh_token"), ("refresh_token", refreshToken), .. changes]);

    /// <summary>Asks for tokens, as the gateway unless said otherwise.</summary>
    public Task<Tokens> TokenAsync(params (string Name, string? Value)[] parameters) => PostAsync("/connect/token", parameters);

    /// <summary>Posts to an endpoint of the token server, as the gateway unless said otherwise.</summary>
    public async Task<Tokens> PostAsync(string path, params (string Name, string? Value)[] parameters)
    {
        var all = new Dictionary<string, string?> { ["client_id"] = "gateway", ["client_secret"] = TokenServerApplication.GatewaySecret };
        foreach (var (name, value) in parameters)
        {
            all[name] = value;
        }

        using var content = new FormUrlEncodedContent(all.Where(parameter => parameter.Value is not null).Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value!)));
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        return await Tokens.ReadAsync(response);
    }

    /// <summary>Posts with the credentials of the client in the header.</summary>
    public async Task<Tokens> PostBasicAsync(string path, string clientId, string secret, params (string Name, string Value)[] parameters)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{clientId}:{secret}")));
        request.Content = new FormUrlEncodedContent(parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)));
        using var response = await client.SendAsync(request);
        return await Tokens.ReadAsync(response);
    }

    /// <summary>Asks who a token is of.</summary>
    public async Task<Tokens> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await client.SendAsync(request);
        return await Tokens.ReadAsync(response);
    }

    /// <summary>Whether a token is active, as the gateway is told.</summary>
    public async Task<bool> IsActiveAsync(string token) => (await PostAsync("/connect/introspect", ("token", token))).Json["active"]!.GetValue<bool>();
}

/// <summary>An answer in JSON.</summary>
internal sealed record Tokens(HttpStatusCode Status, JsonObject Json, string? Challenge)
{
    public string? Error => Text("error");

    public string AccessToken => Text("access_token") ?? throw new InvalidOperationException($"{Status}: {Json.ToJsonString()}");

    public string RefreshToken => Text("refresh_token") ?? throw new InvalidOperationException($"{Status}: {Json.ToJsonString()}");

    public string IdToken => Text("id_token") ?? throw new InvalidOperationException($"{Status}: {Json.ToJsonString()}");

    public JsonWebToken Access => new(AccessToken);

    public JsonWebToken Id => new(IdToken);

    public string? Text(string name) => Json[name]?.GetValue<string>();

    public static async Task<Tokens> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        try
        {
            return new Tokens(
                response.StatusCode, body.Length == 0 ? [] : JsonNode.Parse(body)!.AsObject(), response.Headers.WwwAuthenticate.FirstOrDefault()?.ToString());
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"{(int)response.StatusCode}: {body}");
        }
    }
}
