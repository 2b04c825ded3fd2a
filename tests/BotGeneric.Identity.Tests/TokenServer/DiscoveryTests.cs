using System.Text.Json.Nodes;
using BotGeneric.Identity.Tests.Support;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class DiscoveryTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    [Fact]
    public async Task Discovery_is_complete_and_on_the_public_origin_whatever_name_is_asked()
    {
        using var client = identity.CreateClient();
        client.DefaultRequestHeaders.Host = "identity";

        var document = await ReadAsync(client, "/.well-known/openid-configuration");

        Assert.Equal(IdentityApplication.Origin, document["issuer"]!.GetValue<string>());
        foreach (var (name, path) in new[]
        {
            ("authorization_endpoint", "connect/authorize"), ("token_endpoint", "connect/token"), ("userinfo_endpoint", "connect/userinfo"),
            ("introspection_endpoint", "connect/introspect"), ("revocation_endpoint", "connect/revocation"), ("end_session_endpoint", "connect/endsession"),
            ("device_authorization_endpoint", "connect/deviceauthorization"), ("pushed_authorization_request_endpoint", "connect/par"),
            ("jwks_uri", ".well-known/jwks"),
        })
        {
            Assert.Equal(IdentityApplication.Origin + path, document[name]!.GetValue<string>());
        }

        Assert.Equal(["code"], Texts(document, "response_types_supported"));
        Assert.Equal(["query"], Texts(document, "response_modes_supported"));
        Assert.Equal(["public"], Texts(document, "subject_types_supported"));
        Assert.Equal(["S256"], Texts(document, "code_challenge_methods_supported"));
        Assert.Equal(["ES256", "RS256"], Texts(document, "id_token_signing_alg_values_supported").Order());
        Assert.Equal(["consent", "login", "none", "select_account"], Texts(document, "prompt_values_supported").Order());
        Assert.True(document["authorization_response_iss_parameter_supported"]!.GetValue<bool>());
        Assert.Contains("urn:botgeneric:acr:mfa", Texts(document, "acr_values_supported"));
        Assert.Superset(new HashSet<string> { "openid", "profile", "email", "offline_access", "users:read", "admin" }, Texts(document, "scopes_supported").ToHashSet());
        Assert.Superset(new HashSet<string> { "sub", "sid", "auth_time", "amr", "email" }, Texts(document, "claims_supported").ToHashSet());
        Assert.Superset(new HashSet<string> { "client_secret_basic", "client_secret_post" }, Texts(document, "token_endpoint_auth_methods_supported").ToHashSet());
        Assert.Superset(
            new HashSet<string>
            {
                "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            },
            Texts(document, "grant_types_supported").ToHashSet());
    }

    [Theory]
    [InlineData("/.well-known/jwks")]
    [InlineData("/.well-known/openid-configuration/jwks")]
    public async Task The_key_set_has_public_halves_only(string path)
    {
        using var client = identity.CreateClient();

        var keys = (await ReadAsync(client, path))["keys"]!.AsArray();

        Assert.Equal(["ES256", "RS256"], keys.Select(key => key!["alg"]!.GetValue<string>()).Order());
        Assert.All(keys, key =>
        {
            Assert.Equal("sig", key!["use"]!.GetValue<string>());
            Assert.NotNull(key["kid"]);
            Assert.Null(key["d"]);
            Assert.Null(key["k"]);
        });
    }

    [Theory]
    [InlineData("/connect/deviceauthorization")]
    [InlineData("/connect/device")]
    public async Task A_device_may_ask_at_either_address(string path)
    {
        var gateway = new Flow(identity.CreateClient());

        Assert.Equal("unauthorized_client", (await gateway.PostAsync(path, ("scope", "openid"))).Error);
    }

    private static async Task<JsonObject> ReadAsync(HttpClient client, string path) =>
        JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)))!.AsObject();

    private static IEnumerable<string> Texts(JsonObject document, string name) => document[name]!.AsArray().Select(value => value!.GetValue<string>());
}
