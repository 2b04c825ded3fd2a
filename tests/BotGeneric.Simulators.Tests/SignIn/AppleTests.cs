using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.SignIn;

public sealed class AppleTests : IAsyncLifetime
{
    private static readonly TestProvider Apple = TestProvider.Apple;

    private readonly SignInSimulatorHost _host = new();

    public Task InitializeAsync() => _host.ApprovedByAsync(Apple, "anna");

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("name", "query")]
    [InlineData("email", "fragment")]
    [InlineData("openid email", null)]
    public async Task The_scopes_name_and_email_demand_form_post(string scope, string? mode)
    {
        using var response = await _host.AuthorizeAsync(Apple, ("scope", scope), ("response_mode", mode));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Contains("invalid_request", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openid", "query")]
    [InlineData(null, null)]
    [InlineData("openid", "fragment")]
    public async Task Other_scopes_may_be_answered_by_redirect(string? scope, string? mode)
    {
        using var response = await _host.AuthorizeAsync(Apple, ("scope", scope), ("response_mode", mode));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(mode == "fragment", response.Headers.Location!.Fragment.Length > 0);
        Assert.Contains("code", (await Answers.ReadAsync(response)).Keys);
    }

    [Fact]
    public async Task The_answer_is_a_form_that_submits_itself_and_has_a_button_for_a_browser_without_scripts()
    {
        using var response = await _host.AuthorizeAsync(Apple);
        var page = await response.Content.ReadAsStringAsync();
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        var nonce = policy.Split("script-src 'nonce-")[1].Split('\'')[0];

        Assert.Contains($"<form method=\"post\" action=\"{Apple.RedirectUri}\">", page, StringComparison.Ordinal);
        Assert.Contains($"<script nonce=\"{nonce}\">", page, StringComparison.Ordinal);
        Assert.Contains("<button type=\"submit\">", page, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' http://localhost:8080;", policy, StringComparison.Ordinal);
        Assert.Equal("the-state", Answers.Hidden(page)["state"]);
    }

    [Fact]
    public async Task The_name_comes_with_the_first_consent_only()
    {
        var first = await _host.AnswerAsync(Apple);
        var second = await _host.AnswerAsync(Apple);

        var user = JsonNode.Parse(first["user"])!;
        Assert.Equal("Anna", (string)user["name"]!["firstName"]!);
        Assert.Equal("Nova", (string)user["name"]!["lastName"]!);
        Assert.Equal("anna@example.com", (string)user["email"]!);
        Assert.DoesNotContain("user", second.Keys);
    }

    [Fact]
    public async Task The_id_token_says_what_Apple_says_and_says_booleans_as_texts()
    {
        var claims = await _host.ClaimsAsync(Apple);

        Assert.Equal("anna@example.com", (string)claims["email"]!);
        Assert.Equal("true", claims["email_verified"]!.GetValue<string>());
        Assert.Equal("false", claims["is_private_email"]!.GetValue<string>());
        Assert.Equal("the-nonce", (string)claims["nonce"]!);
        Assert.True((bool)claims["nonce_supported"]!);
        Assert.DoesNotContain("name", claims);
        Assert.Matches(@"^[0-9]{6}\.[0-9a-f]{32}\.[0-9]{4}$", (string)claims["sub"]!);
    }

    [Fact]
    public async Task A_hidden_address_is_a_relay_in_both_places()
    {
        await _host.RegisterAsync(Apple, "dora", new { givenName = "Dora", email = "dora@example.com", hideEmail = true });
        await _host.ApprovedByAsync(Apple, "dora");

        var answer = await _host.AnswerAsync(Apple);
        var claims = await _host.ClaimsAsync(Apple);

        Assert.EndsWith("@privaterelay.appleid.com", (string)claims["email"]!, StringComparison.Ordinal);
        Assert.Equal("true", claims["is_private_email"]!.GetValue<string>());
        Assert.Equal((string)claims["email"]!, (string)JsonNode.Parse(answer["user"])!["email"]!);
        Assert.DoesNotContain("dora@example.com", answer["user"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_makes_the_next_consent_the_first_again()
    {
        var (_, tokens) = await _host.ExchangeAsync(Apple, await _host.CodeAsync(Apple));

        var (status, _) = await _host.PostAsync(
            "/sign-in/apple/auth/revoke",
            ("client_id", Apple.ClientId), ("client_secret", AppleSecret.Create(_host)), ("token", (string)tokens["refresh_token"]!));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("user", (await _host.AnswerAsync(Apple)).Keys);
    }

    [Fact]
    public async Task A_refresh_token_serves_until_it_is_revoked()
    {
        var (_, tokens) = await _host.ExchangeAsync(Apple, await _host.CodeAsync(Apple));
        (string, string?)[] refresh = [("grant_type", "refresh_token"), ("code", null), ("refresh_token", (string)tokens["refresh_token"]!)];

        var (before, _) = await _host.ExchangeAsync(Apple, "none", refresh);
        await _host.PostAsync(
            "/sign-in/apple/auth/revoke",
            ("client_id", Apple.ClientId), ("client_secret", AppleSecret.Create(_host)), ("token", (string)tokens["refresh_token"]!));
        var (after, error) = await _host.ExchangeAsync(Apple, "none", refresh);

        Assert.Equal(HttpStatusCode.OK, before);
        Assert.Equal(HttpStatusCode.BadRequest, after);
        Assert.Equal("invalid_grant", (string)error["error"]!);
    }

    [Fact]
    public async Task Nothing_is_revoked_for_somebody_who_does_not_prove_to_be_the_client()
    {
        var (_, tokens) = await _host.ExchangeAsync(Apple, await _host.CodeAsync(Apple));

        var (status, error) = await _host.PostAsync(
            "/sign-in/apple/auth/revoke", ("client_id", Apple.ClientId), ("client_secret", "secret"), ("token", (string)tokens["refresh_token"]!));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_client", (string)error["error"]!);
    }

    [Theory]
    [InlineData("consent-revoked")]
    [InlineData("account-delete")]
    [InlineData("email-disabled")]
    [InlineData("email-enabled")]
    public async Task A_notification_is_signed_and_has_its_events_as_a_text(string type)
    {
        await using var application = await NotificationReceiver.StartAsync();
        await using var host = new SignInSimulatorHost().Set("SignIn:Apple:NotificationUrl", application.Address);

        using var response = await host.Http.PostAsJsonAsync("/sign-in/control/apple/notifications", new { person = "boris", @event = type, id = "the-id" });
        var sent = await response.Content.ReadFromJsonAsync<JsonObject>();

        var token = (string)JsonNode.Parse(Assert.Single(application.Bodies))!["payload"]!;
        var claims = Answers.Claims(token);
        var happened = JsonNode.Parse(claims["events"]!.GetValue<string>())!.AsObject();
        Assert.Equal(200, (int)sent!["responseStatus"]!);
        Assert.True((await host.ValidateNotificationAsync(token)).IsValid);
        Assert.Equal(Apple.ClientId, (string)claims["aud"]!);
        Assert.Equal("the-id", (string)claims["jti"]!);
        Assert.Equal(type, (string)happened["type"]!);
        Assert.Equal(type.StartsWith("email", StringComparison.Ordinal), happened.ContainsKey("email"));
        Assert.True((long)happened["event_time"]! > 1_000_000_000_000);
    }

    [Theory]
    [InlineData("wrongSignature")]
    [InlineData("wrongAudience")]
    [InlineData("wrongIssuer")]
    public async Task A_notification_can_be_wrong(string outcome)
    {
        await using var application = await NotificationReceiver.StartAsync();
        await using var host = new SignInSimulatorHost().Set("SignIn:Apple:NotificationUrl", application.Address);

        using var response = await host.Http.PostAsJsonAsync(
            "/sign-in/control/apple/notifications", new { person = "anna", @event = "consent-revoked", outcome });

        var token = (string)JsonNode.Parse(Assert.Single(application.Bodies))!["payload"]!;
        Assert.False((await host.ValidateNotificationAsync(token)).IsValid);
    }

    [Fact]
    public async Task An_application_that_does_not_answer_is_reported()
    {
        await using var host = new SignInSimulatorHost().Set("SignIn:Apple:NotificationUrl", "http://127.0.0.1:1/");

        using var response = await host.Http.PostAsJsonAsync("/sign-in/control/apple/notifications", new { person = "anna", @event = "account-delete" });
        var sent = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(sent!["responseStatus"]);
    }

    [Fact]
    public async Task A_notification_that_consent_was_revoked_makes_the_next_consent_the_first_again()
    {
        await using var application = await NotificationReceiver.StartAsync();
        await using var host = new SignInSimulatorHost().Set("SignIn:Apple:NotificationUrl", application.Address);
        await host.ApprovedByAsync(Apple, "anna");
        await host.AnswerAsync(Apple);

        using var response = await host.Http.PostAsJsonAsync("/sign-in/control/apple/notifications", new { person = "anna", @event = "consent-revoked" });

        Assert.Contains("user", (await host.AnswerAsync(Apple)).Keys);
    }
}
