using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class AccessTests : IAsyncLifetime
{
    private static readonly TestToken Person = new() { Scopes = [ApiScopes.UsageRead, ApiScopes.UsersWrite] };
    private TestService _service = null!;

    public async Task InitializeAsync() => _service = await TestService.StartAsync(
        app =>
        {
            app.MapGet("/usage", () => "usage").RequireScope(ApiScopes.UsageRead);
            app.MapGet("/both", () => "both").RequireScope(ApiScopes.UsageRead).RequireScope(ApiScopes.UsersWrite);
            app.MapGet("/admin", () => "admin").RequireAuthorization(ApiPolicies.Admin);
            app.MapGet("/erase", () => "erased").RequireAuthorization(ApiPolicies.StepUp);
            app.MapGet("/password", () => "changed").RequireScope(ApiScopes.UsersWrite).RequireAuthorization(ApiPolicies.NotImpersonated);
            app.MapGet("/open", () => "open").AllowAnonymous();
            app.MapGet("/caller", (ClaimsPrincipal user) => Caller.Of(user));
        },
        builder => builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe));

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("usage:read", HttpStatusCode.OK)]
    [InlineData("billing:read usage:read", HttpStatusCode.OK)]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("usage:reader usage", HttpStatusCode.Forbidden)]
    [InlineData("USAGE:READ", HttpStatusCode.Forbidden)]
    [InlineData("admin", HttpStatusCode.Forbidden)]
    public async Task A_scope_is_there_as_a_whole_word_or_not_at_all(string scopes, HttpStatusCode status)
    {
        using var client = _service.CreateClientWith(Person with { Scopes = scopes.Split(' ') });

        using var response = await client.GetAsync("/usage");

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden)
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"usage:read\"", response.Headers.WwwAuthenticate.Single().ToString());
            Assert.Equal("urn:botgeneric:problem:forbidden", problem.GetProperty("type").GetString());
            Assert.Contains("'usage:read'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_scopes_are_demanded_together()
    {
        using var both = _service.CreateClientWith(Person);
        using var one = _service.CreateClientWith(Person with { Scopes = [ApiScopes.UsageRead] });

        Assert.Equal(HttpStatusCode.OK, (await both.GetAsync("/both")).StatusCode);
        using var refused = await one.GetAsync("/both");
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"users:write\"", refused.Headers.WwwAuthenticate.Single().ToString());
    }

    [Theory]
    [InlineData("admin", "admin", HttpStatusCode.OK)]
    [InlineData("admin", "usage:read", HttpStatusCode.Forbidden)]
    [InlineData("member", "admin", HttpStatusCode.Forbidden)]
    [InlineData("Admin", "admin", HttpStatusCode.Forbidden)]
    public async Task The_admin_policy_is_role_and_scope(string role, string scope, HttpStatusCode status)
    {
        using var client = _service.CreateClientWith(Person with { Roles = ["support", role], Scopes = [scope] });

        Assert.Equal(status, (await client.GetAsync("/admin")).StatusCode);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(899, HttpStatusCode.OK)]
    [InlineData(902, HttpStatusCode.Unauthorized)]
    [InlineData(-60, HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task A_dangerous_act_demands_a_recent_sign_in(int? secondsAgo, HttpStatusCode status)
    {
        using var client = _service.CreateClientWith(
            TestToken.Operator with { SignedInAgo = secondsAgo is { } ago ? TimeSpan.FromSeconds(ago) : null });

        using var response = await client.GetAsync("/erase");

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Unauthorized)
        {
            var challenge = response.Headers.WwwAuthenticate.Single().ToString();
            Assert.Contains("error=\"insufficient_user_authentication\"", challenge, StringComparison.Ordinal);
            Assert.Contains("max_age=\"900\"", challenge, StringComparison.Ordinal);
            Assert.Equal(
                "urn:botgeneric:problem:sign-in-again",
                (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task A_recent_sign_in_without_a_recent_second_factor_is_not_enough_for_a_dangerous_act()
    {
        using var client = _service.CreateClientWith(TestToken.Operator with { SteppedUpAgo = TimeSpan.FromHours(1) });

        using var response = await client.GetAsync("/erase");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("acr_values=\"urn:botgeneric:acr:mfa\"", response.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "An API key cannot do this", "shown a second factor at most 15 minutes ago")]
    [InlineData("ru", "По ключу API это сделать нельзя", "второй фактор не более 15 минут назад")]
    [InlineData("uk", "За ключем API це зробити не можна", "другий фактор не більш ніж 15 хвилин тому")]
    public async Task An_admins_key_is_told_that_a_person_has_to_do_it_and_not_to_show_again_what_it_cannot(string language, string refusal, string need)
    {
        using var key = _service.CreateClientWith(TestToken.Operator with { KeyId = "walkkey1", SignedInAgo = null });
        using var person = _service.CreateClientWith(TestToken.Operator with { SteppedUpAgo = TimeSpan.FromHours(1) });
        key.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        using var refused = await key.GetAsync("/erase");
        using var stale = await person.GetAsync("/erase");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("insufficient_user_authentication", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        var detail = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Contains(refusal, detail, StringComparison.Ordinal);
        Assert.Contains(need, detail, StringComparison.Ordinal);
        Assert.Contains("Show it again", (await stale.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_at_all_is_not_asked_to_sign_in_again()
    {
        using var client = _service.CreateClientWith(Person);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/erase")).StatusCode);
    }

    [Fact]
    public async Task Credentials_are_changed_by_the_person_or_a_service_on_their_behalf_and_by_no_other_person()
    {
        using var person = _service.CreateClientWith(Person);
        using var impersonator = _service.CreateClientWith(Person with { Actor = Guid.CreateVersion7().ToString() });
        using var bot = _service.CreateClientWith(Person with { Actor = "bot-1" });
        using var colleague = _service.CreateClientWith(TestToken.Operator with { Actor = Guid.CreateVersion7().ToString() });

        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/password")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await impersonator.GetAsync("/password")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await impersonator.GetAsync("/usage")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bot.GetAsync("/password")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await colleague.GetAsync("/erase")).StatusCode);
    }

    [Theory]
    [InlineData("ru", "полномочия «usage:read»")]
    [InlineData("uk", "повноваження «usage:read»")]
    public async Task The_missing_scope_is_named_in_the_callers_language(string language, string words)
    {
        using var client = _service.CreateClientWith(new TestToken());
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        var problem = await (await client.GetAsync("/usage")).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_says_what_each_operation_demands()
    {
        using var client = _service.CreateVisitor();
        var paths = (await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json")).GetProperty("paths");

        Assert.Equal(["usage:read"], Scopes(paths, "/usage"));
        Assert.Equal(["usage:read", "users:write"], Scopes(paths, "/both"));
        Assert.Equal(["admin"], Scopes(paths, "/erase"));
        Assert.False(Operation(paths, "/open").TryGetProperty("security", out _));
        Assert.Equal(
            "Demands the scope `admin`, the role `admin`, a second factor shown at most 15 minutes ago, that nobody acts in the person's name.", Operation(paths, "/erase").GetProperty("description").GetString());
        Assert.True(Operation(paths, "/usage").GetProperty("responses").TryGetProperty("403", out _));
    }

    [Fact]
    public async Task A_caller_is_who_the_token_says()
    {
        var (user, organization) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var caller = await CallerAsync(TestToken.Operator with
        {
            Subject = user.ToString(),
            Organization = organization,
            OrganizationRole = "owner",
            KeyId = "k1",
            Actor = "bot-1",
            SessionId = "s1",
        });

        Assert.Equal(user, caller.GetProperty("userId").GetGuid());
        Assert.Equal(organization, caller.GetProperty("organizationId").GetGuid());
        Assert.Equal(organization, caller.GetProperty("accountId").GetGuid());
        Assert.Equal(
            ("owner", "k1", "bot-1", "s1", true, false),
            (caller.GetProperty("organizationRole").GetString(), caller.GetProperty("keyId").GetString(), caller.GetProperty("actorId").GetString(),
             caller.GetProperty("sessionId").GetString(), caller.GetProperty("isAdmin").GetBoolean(), caller.GetProperty("isService").GetBoolean()));
    }

    [Fact]
    public async Task A_person_in_their_own_name_is_their_own_account()
    {
        var user = Guid.CreateVersion7();

        var caller = await CallerAsync(new TestToken { Subject = user.ToString(), OrganizationRole = "owner" });

        Assert.Equal(user, caller.GetProperty("accountId").GetGuid());
        Assert.Equal(JsonValueKind.Null, caller.GetProperty("organizationRole").ValueKind);
    }

    [Theory]
    [InlineData("agents")]
    [InlineData("0192f0c1-2345-7abc-8def-0123456789ab")]
    public async Task A_client_that_acts_for_itself_is_no_person_whatever_its_id_looks_like(string client)
    {
        var caller = await CallerAsync(new TestToken { Subject = client, ClientId = client });

        Assert.True(caller.GetProperty("isService").GetBoolean());
        Assert.Equal(JsonValueKind.Null, caller.GetProperty("userId").ValueKind);
        Assert.Equal(JsonValueKind.Null, caller.GetProperty("accountId").ValueKind);
    }

    private static JsonElement Operation(JsonElement paths, string path) => paths.GetProperty(path).GetProperty("get");

    private static IEnumerable<string?> Scopes(JsonElement paths, string path) =>
        Operation(paths, path).GetProperty("security")[0].GetProperty("accessToken").EnumerateArray().Select(scope => scope.GetString());

    private async Task<JsonElement> CallerAsync(TestToken token)
    {
        using var client = _service.CreateClientWith(token);
        return await client.GetFromJsonAsync<JsonElement>("/caller");
    }
}
