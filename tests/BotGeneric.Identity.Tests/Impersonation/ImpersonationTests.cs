using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.TokenServer;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Impersonation;

/// <summary>An admin acts as somebody else in the browser.</summary>
public sealed class ImpersonationTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private const string End = "/account/impersonation/end";
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task An_admin_acts_as_somebody_says_why_and_returns_to_the_own_session()
    {
        var (admin, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync(name: "Person P");

        using (var started = await browser.ActAsAsync(person))
        {
            Assert.Equal("/session/login?returnUrl=%2Faccount", started.Headers.Location!.OriginalString);
        }

        var page = await browser.ReadAsync("/account");
        Assert.Contains("value=\"Person P\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/account/admin/users", page, StringComparison.Ordinal);
        using (var ended = await browser.SubmitAsync(new Browser.Form(page, End)))
        {
            Assert.Equal($"/session/login?returnUrl=%2Faccount%2Fadmin%2Fusers%2F{person.Id}%3Fdone%3Dover", ended.Headers.Location!.OriginalString);
        }

        var own = await browser.ReadAsync("/account");
        Assert.Contains("value=\"Root\"", own, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"impersonation\"", own, StringComparison.Ordinal);
        var entries = await identity.EntriesAsync(person.Id);
        Assert.Equal([AuditActions.Impersonated, AuditActions.ImpersonationEnded], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal(admin.Id, entry.ActorId));
        Assert.Contains(Impersonating.Reason, entries[0].Details, StringComparison.Ordinal);
        Assert.Contains("\"left\"", entries[1].Details, StringComparison.Ordinal);
        Assert.NotNull((await identity.ImpersonationAsync(person.Id)).RevokedAt);
        browser.Dispose();
    }

    [Theory]
    [InlineData("en", "You are acting as Person P. Administrator: Root.")]
    [InlineData("ru", "Вы действуете от имени: Person P. Администратор: Root.")]
    [InlineData("uk", "Ви дієте від імені: Person P. Адміністратор: Root.")]
    public async Task Every_page_says_who_acts_as_whom_and_how_to_stop(string language, string words)
    {
        var (_, browser) = await identity.AdminAsync();
        (await browser.ActAsAsync(await identity.AddUserAsync(name: "Person P"))).Dispose();
        browser.Client.DefaultRequestHeaders.Add("Accept-Language", language);

        foreach (var address in new[]
        {
            "/account", "/account/security", "/account/links", "/account/sessions", "/account/applications", "/account/keys", "/account/organizations",
            "/account/privacy", "/account/device", "/account/confirm", "/login", "/register", "/login/forgot",
        })
        {
            using var answer = await browser.GetAsync(address);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.True(html.Contains(words, StringComparison.Ordinal), $"{address} in {language} answered {(int)answer.StatusCode}: {html}");
            Assert.Equal(End, new Browser.Form(html, End).Action);
        }

        browser.Dispose();
    }

    [Fact]
    public async Task The_tokens_are_the_persons_name_the_admin_and_change_no_credential()
    {
        var (admin, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        (await browser.ActAsAsync(person)).Dispose();

        var tokens = await _gateway.SignInAsync(browser, ("scope", "openid profile offline_access users:read users:write admin"));

        Assert.Equal(person.Id.ToString(), tokens.Access.Subject);
        Assert.Equal(person.Id.ToString(), tokens.Id.Subject);
        Assert.Equal(admin.Id.ToString(), tokens.Access.GetPayloadValue<JsonElement>("act").GetProperty("sub").GetString());
        Assert.False(tokens.Access.TryGetPayloadValue<object>("role", out _));
        Assert.False(tokens.Access.TryGetPayloadValue<object>("auth_time", out _));
        Assert.False(tokens.Access.TryGetPayloadValue<object>("amr", out _));
        Assert.DoesNotContain("admin", tokens.Access.GetPayloadValue<string>("scope").Split(' '));
        using var api = identity.CreateClient();
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        Assert.Equal(person.Id, (await api.GetFromJsonAsync<JsonElement>("/api/users/me")).GetProperty("id").GetGuid());
        using var key = await api.PostAsJsonAsync("/api/keys", new { name = "k", scopes = new[] { "users:read" } });
        Assert.Equal(HttpStatusCode.Forbidden, key.StatusCode);
        using var ended = await api.DeleteAsync(new Uri("/api/sessions", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, ended.StatusCode);

        identity.Clock.Advance(TimeSpan.FromMinutes(28));
        var last = await _gateway.RefreshAsync(tokens.RefreshToken);
        Assert.True(last.Access.ValidTo <= (await identity.ImpersonationAsync(person.Id)).ExpiresAt, "A token outlives the impersonation.");
        Assert.Equal(admin.Id.ToString(), last.Access.GetPayloadValue<JsonElement>("act").GetProperty("sub").GetString());
        (await browser.SubmitAsync("/account", End)).Dispose();
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(last.RefreshToken)).Error);
        Assert.False(await _gateway.IsActiveAsync(last.AccessToken));
        Assert.Equal(admin.Id.ToString(), (await _gateway.SignInAsync(browser)).Access.Subject);
        browser.Dispose();
    }

    [Fact]
    public async Task No_other_application_gets_anything_while_somebody_acts()
    {
        await identity.RegisterClientsAsync();
        var (_, browser) = await identity.AdminAsync();
        (await browser.ActAsAsync(await identity.AddUserAsync())).Dispose();

        using var answer = await Flow.AuthorizeAsync(browser, Flow.ThirdPartyRequest());

        Assert.Equal("access_denied", Flow.Answer(answer, TokenServerApplication.ThirdPartyCallback)["error"]);
        browser.Dispose();
    }

    [Fact]
    public async Task Nobody_acts_as_another_admin_themselves_or_somebody_who_is_locked_or_leaving()
    {
        var (admin, browser) = await identity.AdminAsync();
        var other = await identity.AddUserAsync(isAdmin: true);
        var locked = await identity.AddUserAsync();
        var leaving = await identity.AddUserAsync();
        var person = await identity.AddUserAsync();
        await identity.ChangeAsync(locked.Id, user => user.Lock(identity.Clock.GetUtcNow(), "abuse"));
        await identity.ChangeAsync(leaving.Id, user => user.RequestDeletion(identity.Clock.GetUtcNow()));
        var form = new Browser.Form(await browser.ReadAsync($"/account/admin/users/{person.Id}"), $"/account/admin/users/{person.Id}/impersonate");

        foreach (var (who, outcome, status) in new[]
        {
            (other.Id, "admin", HttpStatusCode.Conflict), (admin.Id, "self", HttpStatusCode.Conflict), (locked.Id, "locked", HttpStatusCode.Conflict),
            (leaving.Id, "deleting", HttpStatusCode.Conflict), (Guid.NewGuid(), "unknown", HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(status, await PostAsync(browser, $"/account/admin/users/{who}/impersonate", form, ("reason", Impersonating.Reason)));
            Assert.True(await identity.WithDatabaseAsync(db => db.AuditEntries.AnyAsync(entry => entry.Action == AuditActions.Impersonated
                && entry.ActorId == admin.Id && entry.Outcome == outcome && (entry.UserId == who || entry.Target == who.ToString()))));
        }

        foreach (var nothing in new[] { "", "   ", new string('x', 501) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(browser, form.Action, form, ("reason", nothing)));
        }

        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.Sessions.CountAsync(session => session.ActorId == admin.Id)));
        browser.Dispose();
    }

    [Fact]
    public async Task To_begin_a_second_factor_of_the_last_15_minutes_is_demanded()
    {
        var (_, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        var address = $"/account/admin/users/{person.Id}";
        var form = new Browser.Form(await browser.ReadAsync(address), $"{address}/impersonate");

        identity.Clock.Advance(TimeSpan.FromMinutes(16));
        using var refused = await browser.SubmitAsync(form, ("reason", Impersonating.Reason));
        var page = await browser.ReadAsync(address);

        Assert.Equal($"/account/confirm?returnUrl={Uri.EscapeDataString(address)}&factor=mfa", refused.Headers.Location!.OriginalString);
        Assert.DoesNotContain($"{address}/impersonate", page, StringComparison.Ordinal);
        Assert.Contains("/account/confirm?returnUrl=", page, StringComparison.Ordinal);
        await TokenServerApplication.ConfirmAsync(browser, "pwd");
        using var byPassword = await browser.SubmitAsync(form, ("reason", Impersonating.Reason));
        Assert.Equal(refused.Headers.Location, byPassword.Headers.Location);
        await TokenServerApplication.ConfirmAsync(browser, "otp", "mfa");
        using var started = await browser.ActAsAsync(person);
        Assert.StartsWith("/session/login", started.Headers.Location!.OriginalString, StringComparison.Ordinal);
        browser.Dispose();
    }

    [Fact]
    public async Task The_person_sees_it_as_access_by_staff_and_it_is_no_sign_in_of_theirs()
    {
        var (admin, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        using var theirs = await identity.SignInAsync(person);
        (await browser.ActAsAsync(person)).Dispose();

        var page = await theirs.ReadAsync("/account/sessions");
        var session = await identity.ImpersonationAsync(person.Id);
        using var revoked = await theirs.SubmitAsync(new Browser.Form(page, $"/account/sessions/{session.Id}/revoke"));
        var afterwards = await theirs.ReadAsync("/account/sessions");

        Assert.Contains("Access by the operator", page, StringComparison.Ordinal);
        Assert.Contains("Earlier access by the operator", afterwards, StringComparison.Ordinal);
        Assert.DoesNotContain(admin.Id.ToString(), page, StringComparison.Ordinal);
        Assert.Empty(identity.Mail.To(person.Email!));
        Assert.Equal(1, await identity.WithDatabaseAsync(
            db => db.AuditEntries.CountAsync(entry => entry.UserId == person.Id && entry.Action == AuditActions.SignedIn)));
        Assert.Contains("value=\"Root\"", await browser.ReadAsync("/account"), StringComparison.Ordinal);
        browser.Dispose();
    }

    private static async Task<HttpStatusCode> PostAsync(Browser browser, string address, Browser.Form form, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(
            form.Hidden.Concat(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        using var answer = await browser.Client.PostAsync(new Uri(address, UriKind.Relative), content);
        return answer.StatusCode;
    }
}
