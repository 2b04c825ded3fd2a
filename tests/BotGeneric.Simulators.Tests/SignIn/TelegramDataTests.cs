using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>Mini App data and the legacy widget's, checked as Telegram's documents say.</summary>
public sealed class TelegramDataTests : IAsyncDisposable
{
    private const string BotToken = "7000000001:simulated-bot-token-for-development";

    private readonly SignInSimulatorHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Init_data_has_the_hash_that_the_bot_token_makes()
    {
        var fields = await InitDataAsync(new { person = "anna", startParam = "link" });
        var secret = HMACSHA256.HashData("WebAppData"u8, Encoding.UTF8.GetBytes(BotToken));

        Assert.Equal(Hmac(secret, Lines(fields, "hash")), fields["hash"]);
        Assert.Equal("link", fields["start_param"]);
        Assert.Equal(_host.Clock.GetUtcNow().ToUnixTimeSeconds(), long.Parse(fields["auth_date"]));
    }

    [Fact]
    public async Task Init_data_has_a_signature_that_needs_no_bot_token()
    {
        var fields = await InitDataAsync(new { person = "anna" });
        var key = await _host.Http.GetFromJsonAsync<JsonElement>("/sign-in/control/telegram/mini-app-key");
        var verifier = new Ed25519Signer();
        verifier.Init(forSigning: false, new Ed25519PublicKeyParameters(Convert.FromHexString(key.GetProperty("ed25519").GetString()!)));
        var text = Encoding.UTF8.GetBytes("7000000001:WebAppData\n" + Lines(fields, "hash", "signature"));
        verifier.BlockUpdate(text, 0, text.Length);

        Assert.True(verifier.VerifySignature(Base64Url.DecodeFromChars(fields["signature"])));
    }

    [Fact]
    public async Task Init_data_is_of_the_same_person_as_the_id_token_by_id_not_by_sub()
    {
        await _host.ApprovedByAsync(TestProvider.Telegram, "boris");

        var user = JsonNode.Parse((await InitDataAsync(new { person = "boris" }))["user"])!;
        var claims = await _host.ClaimsAsync(TestProvider.Telegram);

        Assert.Equal((long)claims["id"]!, (long)user["id"]!);
        Assert.NotEqual((string)claims["sub"]!, user["id"]!.ToString());
        Assert.Equal("boris_h", (string)user["username"]!);
    }

    [Fact]
    public async Task Data_can_be_old()
    {
        var authDate = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal("978307200", (await InitDataAsync(new { person = "anna", authDate }))["auth_date"]);
        Assert.Equal("978307200", (await WidgetAsync(new { person = "anna", authDate }))["auth_date"]);
    }

    [Fact]
    public async Task Widget_data_has_the_hash_that_the_bot_token_makes()
    {
        var fields = await WidgetAsync(new { person = "anna" });

        Assert.Equal(Hmac(SHA256.HashData(Encoding.UTF8.GetBytes(BotToken)), Lines(fields, "hash")), fields["hash"]);
        Assert.Equal(["auth_date", "first_name", "hash", "id", "last_name", "photo_url", "username"], fields.Keys.Order());
    }

    [Fact]
    public async Task Another_bot_token_makes_another_hash()
    {
        await using var other = new SignInSimulatorHost().Set("SignIn:Telegram:BotToken", "7000000002:another-bot-token-for-development");
        using var response = await other.Http.PostAsJsonAsync("/sign-in/control/telegram/widget", new { person = "anna" });
        var fields = (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;

        Assert.NotEqual(Hmac(SHA256.HashData(Encoding.UTF8.GetBytes(BotToken)), Lines(fields, "hash")), fields["hash"]);
    }

    [Fact]
    public async Task The_page_opens_the_mini_app_with_signed_data()
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("person", "anna"), KeyValuePair.Create("age", "10")]);
        using var response = await _host.Http.PostAsync("/sign-in/telegram/mini-app", content);
        var page = await response.Content.ReadAsStringAsync();

        var link = WebUtility.HtmlDecode(page.Split("<a href=\"")[1].Split('"')[0]);
        var data = QueryHelpers.ParseQuery(new Uri(link).Fragment[1..])["tgWebAppData"].ToString();
        var fields = Fields(data);
        Assert.StartsWith("http://localhost:8080/account/external/telegram/mini-app#", link, StringComparison.Ordinal);
        Assert.Equal(Hmac(HMACSHA256.HashData("WebAppData"u8, Encoding.UTF8.GetBytes(BotToken)), Lines(fields, "hash")), fields["hash"]);
        Assert.Equal(_host.Clock.GetUtcNow().AddMinutes(-10).ToUnixTimeSeconds(), long.Parse(fields["auth_date"]));
    }

    private static string Lines(IReadOnlyDictionary<string, string> fields, params string[] without) => string.Join(
        '\n', fields.Where(field => !without.Contains(field.Key)).OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"));

    private static string Hmac(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    private static Dictionary<string, string> Fields(string query) =>
        QueryHelpers.ParseQuery(query).ToDictionary(pair => pair.Key, pair => Assert.Single(pair.Value)!);

    private async Task<Dictionary<string, string>> InitDataAsync(object request)
    {
        using var response = await _host.Http.PostAsJsonAsync("/sign-in/control/telegram/init-data", request);
        return Fields((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("initData").GetString()!);
    }

    private async Task<Dictionary<string, string>> WidgetAsync(object request)
    {
        using var response = await _host.Http.PostAsJsonAsync("/sign-in/control/telegram/widget", request);
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
    }
}
