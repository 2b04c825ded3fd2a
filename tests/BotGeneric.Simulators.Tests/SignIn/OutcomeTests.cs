using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>What tests can ask of the providers.</summary>
public sealed class OutcomeTests : IAsyncDisposable
{
    private readonly SignInSimulatorHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("google", "access_denied")]
    [InlineData("apple", "user_cancelled_authorize")]
    [InlineData("telegram", "access_denied")]
    public async Task A_forced_cancel_answers_as_the_provider_does_and_concerns_one_sign_in(string name, string error)
    {
        var provider = await ReadyAsync(name);
        await _host.ForceAsync(provider, "cancel");

        var first = await _host.AnswerAsync(provider);
        var second = await _host.AnswerAsync(provider);

        Assert.Equal(error, first["error"]);
        Assert.Equal("the-state", first["state"]);
        Assert.DoesNotContain("code", first.Keys);
        Assert.Contains("code", second.Keys);
    }

    [Fact]
    public async Task A_forced_error_is_a_server_error()
    {
        var provider = await ReadyAsync("google");
        await _host.ForceAsync(provider, "error");

        Assert.Equal("server_error", (await _host.AnswerAsync(provider))["error"]);
    }

    [Fact]
    public async Task A_forced_state_is_not_the_clients()
    {
        var provider = await ReadyAsync("telegram");
        await _host.ForceAsync(provider, "wrongState");

        Assert.NotEqual("the-state", (await _host.AnswerAsync(provider))["state"]);
    }

    [Theory]
    [InlineData("google", "wrongAudience")]
    [InlineData("google", "expiredToken")]
    [InlineData("google", "wrongSignature")]
    [InlineData("google", "wrongIssuer")]
    [InlineData("google", "unsignedToken")]
    [InlineData("google", "symmetricSignature")]
    [InlineData("apple", "wrongAudience")]
    [InlineData("apple", "wrongSignature")]
    [InlineData("telegram", "expiredToken")]
    [InlineData("telegram", "wrongSignature")]
    [InlineData("telegram", "unsignedToken")]
    public async Task A_forced_mistake_makes_a_token_that_a_careful_client_refuses_once(string name, string outcome)
    {
        var provider = await ReadyAsync(name);
        await _host.ForceAsync(provider, outcome);

        var wrong = await _host.ValidateAsync(provider, await _host.IdTokenAsync(provider));
        var right = await _host.ValidateAsync(provider, await _host.IdTokenAsync(provider));

        Assert.False(wrong.IsValid);
        Assert.True(right.IsValid, right.Exception?.Message);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_forced_nonce_is_in_a_token_that_is_valid_otherwise(string name)
    {
        var provider = await ReadyAsync(name);
        await _host.ForceAsync(provider, "wrongNonce");

        var nonce = (string)(await _host.ClaimsAsync(provider))["nonce"]!;

        Assert.NotEqual("the-nonce", nonce);
    }

    [Fact]
    public async Task A_forced_unverified_address_shows_in_the_type_that_each_provider_uses()
    {
        var google = await ReadyAsync("google");
        var apple = await ReadyAsync("apple");
        await _host.ForceAsync(google, "unverifiedEmail");
        await _host.ForceAsync(apple, "unverifiedEmail");

        Assert.Equal(JsonValueKind.False, (await _host.ClaimsAsync(google))["email_verified"]!.GetValueKind());
        Assert.Equal("false", (string)(await _host.ClaimsAsync(apple))["email_verified"]!);
    }

    [Fact]
    public async Task An_unavailable_token_endpoint_leaves_the_code_as_it_is()
    {
        var provider = await ReadyAsync("google");
        await _host.ForceAsync(provider, "tokenEndpointUnavailable");
        var code = await _host.CodeAsync(provider);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _host.ExchangeAsync(provider, code)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.ExchangeAsync(provider, code)).Status);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task After_a_rotation_tokens_name_the_new_key_and_both_keys_are_published(string name)
    {
        var provider = await ReadyAsync(name);
        var before = await _host.IdTokenAsync(provider);

        var kid = await RotateAsync(provider, keepPrevious: true);

        var after = await _host.IdTokenAsync(provider);
        Assert.Equal(kid, (string)Answers.Header(after)["kid"]!);
        Assert.NotEqual(kid, (string)Answers.Header(before)["kid"]!);
        Assert.True((await _host.ValidateAsync(provider, before)).IsValid);
        Assert.True((await _host.ValidateAsync(provider, after)).IsValid);
    }

    [Fact]
    public async Task A_rotation_can_withdraw_the_keys_before()
    {
        var provider = await ReadyAsync("google");
        var before = await _host.IdTokenAsync(provider);

        await RotateAsync(provider, keepPrevious: false);

        Assert.False((await _host.ValidateAsync(provider, before)).IsValid);
    }

    [Fact]
    public async Task However_often_keys_are_rotated_three_are_published()
    {
        var provider = await ReadyAsync("telegram");
        for (var count = 0; count < 4; count++)
        {
            await RotateAsync(provider, keepPrevious: true);
        }

        var keys = JsonNode.Parse(await _host.Http.GetStringAsync("/sign-in/telegram/.well-known/jwks.json"))!["keys"]!.AsArray();

        Assert.Equal(3, keys.Count);
        Assert.DoesNotContain(keys, key => key!.AsObject().ContainsKey("d"));
    }

    [Fact]
    public async Task The_control_api_is_described_and_the_providers_own_endpoints_are_not()
    {
        var paths = JsonNode.Parse(await _host.Http.GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject();

        Assert.True(paths.ContainsKey("/sign-in/control/{provider}/next-outcome"));
        Assert.DoesNotContain(paths, path => path.Key.StartsWith("/sign-in/google", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reset_forgets_people_and_what_was_forced()
    {
        var provider = await ReadyAsync("google");
        await _host.RegisterAsync(provider, "carl", new { givenName = "Carl" });
        await _host.ForceAsync(provider, "cancel");

        using var response = await _host.Http.PostAsync("/sign-in/control/google/reset", content: null);
        using var people = await _host.Http.GetAsync("/sign-in/control/google/people");
        using var page = await _host.AuthorizeAsync(provider);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(3, (await people.Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Nobody_can_approve_who_does_not_exist()
    {
        using var response = await _host.Http.PutAsJsonAsync("/sign-in/control/google/auto-approval", new { person = "nobody" });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_person_keeps_the_subject_through_changes_and_restarts()
    {
        var first = await _host.RegisterAsync(TestProvider.Google, "carl", new { givenName = "Carl" });
        var changed = await _host.RegisterAsync(TestProvider.Google, "carl", new { givenName = "Carla", email = "carla@example.com" });
        await using var restarted = new SignInSimulatorHost();
        var again = await restarted.RegisterAsync(TestProvider.Google, "carl", new { givenName = "Carl" });

        Assert.Equal(first.GetProperty("subject").GetString(), changed.GetProperty("subject").GetString());
        Assert.Equal(first.GetProperty("subject").GetString(), again.GetProperty("subject").GetString());
        Assert.Equal("carla@example.com", changed.GetProperty("email").GetString());
    }

    [Fact]
    public async Task There_is_room_for_500_people()
    {
        for (var number = 3; number < 500; number++)
        {
            await _host.RegisterAsync(TestProvider.Google, $"person-{number}", new { givenName = "Person" });
        }

        using var response = await _host.Http.PutAsJsonAsync("/sign-in/control/google/people/one-more", new { givenName = "Person" });

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    private async Task<string> RotateAsync(TestProvider provider, bool keepPrevious)
    {
        using var response = await _host.Http.PostAsJsonAsync($"/sign-in/control/{provider.Name}/keys/rotate", new { keepPrevious });
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("keyId").GetString()!;
    }

    private async Task<TestProvider> ReadyAsync(string name)
    {
        var provider = TestProvider.Of(name);
        await _host.ApprovedByAsync(provider, "anna");
        return provider;
    }
}
