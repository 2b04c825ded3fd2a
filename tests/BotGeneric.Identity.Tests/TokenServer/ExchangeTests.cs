using System.Text.Json;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.TokenServer.Clients;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class ExchangeTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>, IAsyncLifetime
{
    private const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
    private const string UserIdType = "urn:botgeneric:oauth:token-type:user-id";
    private const string Exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    private readonly Flow _client = new(identity.CreateClient());

    public Task InitializeAsync() => identity.RegisterClientsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_service_acts_for_somebody_with_less_and_says_so()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var tokens = await _client.SignInAsync(browser);

        var exchanged = await ActAsync(tokens.AccessToken, ("scope", "agents:write"));

        Assert.Equal(user.Id.ToString(), exchanged.Access.Subject);
        Assert.Equal("agents:write", exchanged.Access.GetPayloadValue<string>("scope"));
        Assert.Equal(["agents"], exchanged.Access.Audiences);
        Assert.Equal("telegram", exchanged.Access.GetPayloadValue<JsonElement>("act").GetProperty("sub").GetString());
        Assert.Equal("telegram", exchanged.Access.GetPayloadValue<string>("client_id"));
        Assert.Equal(AccessTokenType, exchanged.Text("issued_token_type"));
        Assert.Null(exchanged.Text("refresh_token"));
        Assert.True(exchanged.Access.ValidTo <= tokens.Access.ValidTo);
    }

    [Theory]
    [InlineData("billing:read")]
    [InlineData("admin")]
    [InlineData("offline_access")]
    [InlineData("openid")]
    public async Task Scopes_are_never_widened(string scope)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd", "mfa");
        var tokens = await _client.SignInAsync(browser);

        var answer = await ActAsync(tokens.AccessToken, ("scope", scope));

        Assert.NotNull(answer.Error);
    }

    [Fact]
    public async Task Without_a_scope_everything_that_both_may_is_passed_on_but_no_role()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd", "mfa");
        var tokens = await _client.SignInAsync(browser);
        Assert.True(tokens.Access.TryGetPayloadValue<string>("role", out _));

        var exchanged = await ActAsync(tokens.AccessToken);
        var narrowed = await ActAsync(tokens.AccessToken, ("audience", "agents"));
        var foreign = await ActAsync(tokens.AccessToken, ("audience", "billing"));

        Assert.False(exchanged.Access.TryGetPayloadValue<string>("role", out _));
        Assert.Equal(["agents:read", "agents:write", "telegram:write", "users:read"], exchanged.Access.GetPayloadValue<string>("scope").Split(' ').Order());
        Assert.Equal(["agents"], narrowed.Access.Audiences);
        Assert.Equal("invalid_target", foreign.Error);
    }

    [Fact]
    public async Task A_token_that_acts_already_is_not_exchanged_again()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _client.SignInAsync(browser);
        var exchanged = await ActAsync(tokens.AccessToken);

        Assert.Equal("invalid_grant", (await ActAsync(exchanged.AccessToken)).Error);
    }

    [Fact]
    public async Task A_service_exchanges_only_tokens_that_are_for_it()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _client.SignInAsync(browser, ("scope", "openid users:read agents:read"));

        Assert.Equal("invalid_grant", (await ActAsync(tokens.AccessToken)).Error);
    }

    [Fact]
    public async Task A_client_without_the_permission_cannot_exchange()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _client.SignInAsync(browser);

        var answer = await _client.TokenAsync(
            ("client_id", TokenServerApplication.ThirdParty), ("client_secret", identity.ThirdPartySecret), ("grant_type", Exchange),
            ("subject_token", tokens.AccessToken), ("subject_token_type", AccessTokenType));

        // The gateway presents its own tokens and has no use for others.
        var gateway = await _client.TokenAsync(("grant_type", Exchange), ("subject_token", tokens.AccessToken), ("subject_token_type", AccessTokenType));

        Assert.Equal("unauthorized_client", answer.Error);
        Assert.Equal("unauthorized_client", gateway.Error);
    }

    [Fact]
    public async Task A_grant_that_a_client_of_the_system_once_had_is_gone_after_the_next_start()
    {
        // As an installation of a version before has it.
        const string Permission = "gt:" + Exchange;
        await ChangeGatewayAsync(descriptor => descriptor.Permissions.Add(Permission));

        await using var restarted = identity.WithWebHostBuilder(_ => { });
        using var _ = restarted.CreateClient();

        Assert.False(await ChangeGatewayAsync(_ => { }) is var descriptor && descriptor.Permissions.Contains(Permission));
        Assert.Contains("gt:authorization_code", descriptor.Permissions);
    }

    [Fact]
    public async Task An_admin_acts_as_somebody_for_minutes_without_the_rights_of_an_admin()
    {
        var (admin, adminToken, _) = await AdminAsync();
        var user = await identity.AddUserAsync();

        var answer = await ImpersonateAsync(user.Id, adminToken);

        Assert.Equal(user.Id.ToString(), answer.Access.Subject);
        Assert.Equal(admin.ToString(), answer.Access.GetPayloadValue<JsonElement>("act").GetProperty("sub").GetString());
        Assert.False(answer.Access.TryGetPayloadValue<string>("role", out _));
        Assert.DoesNotContain("admin", answer.Access.GetPayloadValue<string>("scope").Split(' '));
        Assert.False(answer.Access.TryGetPayloadValue<string[]>("amr", out _));
        Assert.True(answer.Access.ValidTo - answer.Access.IssuedAt <= TimeSpan.FromMinutes(10));
        Assert.Null(answer.Text("refresh_token"));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(
            entry => entry.Action == AuditActions.Impersonated && entry.UserId == user.Id && entry.ActorId == admin && entry.Outcome == AuditTrail.Success)));
        var introspected = await _client.PostAsync("/connect/introspect", [.. Desk(), ("token", answer.AccessToken)]);
        Assert.True(introspected.Json["active"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Nobody_acts_as_another_admin_or_as_nobody()
    {
        var (_, adminToken, _) = await AdminAsync();
        var other = await identity.AddUserAsync(isAdmin: true);

        Assert.Equal("invalid_grant", (await ImpersonateAsync(other.Id, adminToken)).Error);
        Assert.Equal("invalid_grant", (await ImpersonateAsync(Guid.NewGuid(), adminToken)).Error);
        Assert.Equal("invalid_scope", (await ImpersonateAsync((await identity.AddUserAsync()).Id, adminToken, ("scope", "admin"))).Error);
        Assert.Equal(1, await identity.WithDatabaseAsync(
            db => db.AuditEntries.CountAsync(entry => entry.Action == AuditActions.Impersonated && entry.UserId == other.Id && entry.Outcome == "admin")));
    }

    [Fact]
    public async Task To_act_as_somebody_a_credential_must_be_fresh()
    {
        var (_, adminToken, browser) = await AdminAsync();
        var user = await identity.AddUserAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Null((await ImpersonateAsync(user.Id, adminToken)).Error);

        identity.Clock.Advance(TimeSpan.FromMinutes(12));
        var fresh = await DeskTokenAsync(browser);
        Assert.Equal("invalid_grant", (await ImpersonateAsync(user.Id, fresh)).Error);

        await TokenServerApplication.ConfirmAsync(browser, "otp", "mfa");
        Assert.Null((await ImpersonateAsync(user.Id, fresh)).Error);
        browser.Dispose();
    }

    [Fact]
    public async Task Somebody_who_is_no_admin_or_showed_one_factor_acts_as_nobody()
    {
        var user = await identity.AddUserAsync();
        using var plain = await identity.SignInAsync(await identity.AddUserAsync(), "pwd", "mfa");
        using var single = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd");

        Assert.Equal("invalid_grant", (await ImpersonateAsync(user.Id, await DeskTokenAsync(plain))).Error);
        Assert.Equal("invalid_grant", (await ImpersonateAsync(user.Id, await DeskTokenAsync(single))).Error);
    }

    [Fact]
    public async Task Other_clients_cannot_ask_for_it()
    {
        var (_, adminToken, browser) = await AdminAsync();
        var user = await identity.AddUserAsync();
        var ownToken = (await _client.SignInAsync(browser)).AccessToken;

        var service = await ImpersonateAsync(user.Id, adminToken, ("client_id", "telegram"), ("client_secret", TokenServerApplication.TelegramSecret));
        var gateway = await ImpersonateAsync(user.Id, ownToken, ("client_id", "gateway"), ("client_secret", TokenServerApplication.GatewaySecret));

        Assert.Equal("unauthorized_client", service.Error);
        Assert.Equal("unauthorized_client", gateway.Error);
    }

    [Fact]
    public void Only_the_operators_own_with_a_secret_and_the_grant_may_be_allowed_to()
    {
        var desk = new ClientDefinition
        {
            ClientId = "desk",
            DisplayName = "Help desk",
            IsFirstParty = true,
            Grants = [Exchange],
            MayImpersonate = true,
        };

        Assert.Empty(ClientCatalogue.Check(desk));
        foreach (var wrong in new[] { desk with { IsFirstParty = false }, desk with { IsConfidential = false }, desk with { Grants = ["client_credentials"] } })
        {
            Assert.Contains(ClientCatalogue.Check(wrong), problem => problem is { Field: "mayImpersonate", Code: "impersonate" });
        }
    }

    [Fact]
    public async Task A_client_acts_for_itself_with_its_scopes_only()
    {
        var own = await ServiceAsync("telegram", TokenServerApplication.TelegramSecret, "agents:write");
        var foreign = await ServiceAsync("telegram", TokenServerApplication.TelegramSecret, "billing:write");
        var person = await ServiceAsync("telegram", TokenServerApplication.TelegramSecret, "openid");
        var wrong = await ServiceAsync("telegram", TokenServerApplication.AgentsSecret, "agents:write");
        var gateway = await ServiceAsync("gateway", TokenServerApplication.GatewaySecret, "agents:write");

        Assert.Equal(("telegram", "agents:write"), (own.Access.Subject, own.Access.GetPayloadValue<string>("scope")));
        Assert.Equal("invalid_scope", foreign.Error);
        Assert.Equal("invalid_scope", person.Error);
        Assert.Equal("invalid_client", wrong.Error);
        Assert.Equal("unauthorized_client", gateway.Error);
    }

    private async Task<OpenIddictApplicationDescriptor> ChangeGatewayAsync(Action<OpenIddictApplicationDescriptor> change)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var client = (await clients.FindByClientIdAsync("gateway"))!;
        var descriptor = new OpenIddictApplicationDescriptor();
        await clients.PopulateAsync(descriptor, client);
        change(descriptor);
        await clients.UpdateAsync(client, descriptor);
        return descriptor;
    }

    private async Task<(Guid Id, string Token, Browser Browser)> AdminAsync()
    {
        var admin = await identity.AddUserAsync(isAdmin: true);
        var browser = await identity.SignInAsync(admin, "pwd", "otp", "mfa");
        return (admin.Id, await DeskTokenAsync(browser), browser);
    }

    // A tool of the operator's own, in which the admin signed in.
    private async Task<string> DeskTokenAsync(Browser browser)
    {
        using var answer = await Flow.AuthorizeAsync(
            browser, Flow.Request(("client_id", TokenServerApplication.Desk), ("redirect_uri", TokenServerApplication.DeskCallback)));
        return (await _client.ExchangeAsync(
            Flow.Answer(answer, TokenServerApplication.DeskCallback)["code"], [.. Desk(), ("redirect_uri", TokenServerApplication.DeskCallback)])).AccessToken;
    }

    private (string, string?)[] Desk() => [("client_id", TokenServerApplication.Desk), ("client_secret", identity.DeskSecret)];

    private Task<Tokens> ServiceAsync(string clientId, string secret, string scope) =>
        _client.TokenAsync(("client_id", clientId), ("client_secret", secret), ("grant_type", "client_credentials"), ("scope", scope));

    private Task<Tokens> ActAsync(string token, params (string, string?)[] more) => _client.TokenAsync(
        [("client_id", "telegram"), ("client_secret", TokenServerApplication.TelegramSecret), ("grant_type", Exchange), ("subject_token", token),
            ("subject_token_type", AccessTokenType), .. more]);

    private Task<Tokens> ImpersonateAsync(Guid userId, string adminToken, params (string, string?)[] more) => _client.TokenAsync(
        [.. Desk(), ("grant_type", Exchange), ("subject_token", userId.ToString()), ("subject_token_type", UserIdType), ("actor_token", adminToken),
            ("actor_token_type", AccessTokenType), .. more]);
}
