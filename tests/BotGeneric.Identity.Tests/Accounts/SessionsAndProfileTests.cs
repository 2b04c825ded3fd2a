using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Profile;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class SessionsAndProfileTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Theory]
    [InlineData("en", "Choose one of the languages", "There is no such session.", "The passkey was not accepted.")]
    [InlineData("ru", "Выберите один из языков", "Такого сеанса нет.", "Ключ доступа не принят.")]
    [InlineData("uk", "Виберіть одну з мов", "Такого сеансу немає.", "Ключ доступу не прийнято.")]
    public async Task What_is_refused_is_said_in_the_callers_language(string language, string profile, string session, string passkey)
    {
        var person = await Person.RegisterAsync(identity);
        using var api = identity.CreateApiClient((await person.ReadAsync()).Id);
        api.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var visitor = identity.OpenBrowser();
        visitor.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        visitor.Client.DefaultRequestHeaders.Add("RequestVerificationToken", new Browser.Form(await visitor.ReadAsync("/login"), "/login").Hidden
            .Single(field => field.Key == "__RequestVerificationToken").Value);

        using var invalid = await api.PutAsJsonAsync("/api/users/profile", new { displayName = "Anna", avatarUrl = (string?)null, language = "xx", timeZone = "Etc/UTC" });
        using var missing = await api.DeleteAsync($"/api/sessions/{Guid.NewGuid()}");
        using var refused = await visitor.Client.PostAsJsonAsync("/login/passkey", new { credential = new { id = "none" } });

        Assert.StartsWith(
            profile, (await invalid.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("language")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(session, await DetailAsync(missing));
        Assert.StartsWith(passkey, await DetailAsync(refused), StringComparison.Ordinal);

        static async Task<string?> DetailAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
    }

    [Fact]
    public async Task Of_two_changes_of_an_account_at_once_one_is_told_so_that_no_revision_is_told_twice()
    {
        var user = await (await Person.RegisterAsync(identity)).ReadAsync();
        await using var first = identity.Services.CreateAsyncScope();
        await using var second = identity.Services.CreateAsyncScope();
        var (one, other) = (await ReadAsync(first), await ReadAsync(second));

        await ChangeAsync(first, one, "One");
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => ChangeAsync(second, other, "Other"));

        Assert.Equal("One", await identity.WithDatabaseAsync(db => db.Users.Where(row => row.Id == user.Id).Select(row => row.DisplayName).SingleAsync()));

        Task<User> ReadAsync(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IdentityDbContext>().Users.SingleAsync(row => row.Id == user.Id);
        static Task ChangeAsync(AsyncServiceScope scope, User person, string name) => scope.ServiceProvider.GetRequiredService<ProfileService>()
            .ChangeAsync(person, new ProfileValues(name, null, "en", "Etc/UTC"), CancellationToken.None);
    }

    [Fact]
    public async Task The_page_ends_one_session_and_then_all_others()
    {
        var person = await Person.RegisterAsync(identity);
        using var one = identity.OpenBrowser();
        using var two = identity.OpenBrowser();
        using var three = identity.OpenBrowser();
        foreach (var browser in new[] { one, two, three })
        {
            (await person.SignInAsync(browser)).Dispose();
        }

        var user = await person.ReadAsync();
        var second = await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == user.Id).OrderBy(session => session.Id).Skip(1).Select(session => session.Id).FirstAsync());

        (await person.Browser.SubmitAsync("/account/sessions", $"/account/sessions/{second}/revoke")).Dispose();
        Assert.Equal<IEnumerable<bool>>([false, true, true], (bool[])[await person.IsSignedInAsync(one), await person.IsSignedInAsync(two), await person.IsSignedInAsync(three)]);

        (await person.Browser.SubmitAsync("/account/sessions", "/account/sessions/revoke-others")).Dispose();
        Assert.Equal<IEnumerable<bool>>([false, false, true], (bool[])[await person.IsSignedInAsync(two), await person.IsSignedInAsync(three), await person.IsSignedInAsync()]);

        (await person.Browser.SubmitAsync("/account", "/account/sign-out")).Dispose();
        Assert.False(await person.IsSignedInAsync());
    }

    [Fact]
    public async Task The_api_lists_and_ends_sessions_of_the_caller_and_of_nobody_else()
    {
        var person = await Person.RegisterAsync(identity);
        var other = await Person.RegisterAsync(identity);
        using var elsewhere = identity.OpenBrowser();
        (await person.SignInAsync(elsewhere)).Dispose();
        var user = await person.ReadAsync();
        var otherId = (await other.ReadAsync()).Id;
        var sessions = await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == user.Id).OrderBy(session => session.Id).Select(session => session.Id).ToListAsync());
        using var api = identity.CreateApiClient(user.Id, sessions[0]);
        using var foreign = identity.CreateApiClient(otherId);

        var list = await api.GetFromJsonAsync<JsonElement>("/api/sessions");
        Assert.Equal(2, list.GetProperty("items").GetArrayLength());
        Assert.Single(list.GetProperty("items").EnumerateArray(), item => item.GetProperty("isCurrent").GetBoolean());
        using var refused = await foreign.DeleteAsync(new Uri($"/api/sessions/{sessions[1]}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using var ended = await api.DeleteAsync(new Uri("/api/sessions", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.False(await person.IsSignedInAsync(elsewhere));
        Assert.True(await person.IsSignedInAsync());
        using var nobody = identity.CreateClient();
        using var unauthenticated = await nobody.GetAsync(new Uri("/api/sessions", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, unauthenticated.StatusCode);
    }

    [Fact]
    public async Task The_list_of_sessions_comes_page_by_page()
    {
        var person = await Person.RegisterAsync(identity);
        using var one = identity.OpenBrowser();
        using var two = identity.OpenBrowser();
        (await person.SignInAsync(one)).Dispose();
        (await person.SignInAsync(two)).Dispose();
        using var api = identity.CreateApiClient((await person.ReadAsync()).Id);

        var first = await api.GetFromJsonAsync<JsonElement>("/api/sessions?limit=2");
        var second = await api.GetFromJsonAsync<JsonElement>($"/api/sessions?limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        using var wrong = await api.GetAsync(new Uri("/api/sessions?limit=201", UriKind.Relative));

        Assert.Equal(2, first.GetProperty("items").GetArrayLength());
        Assert.Equal(1, second.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        Assert.Equal(3, first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(item => item.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Me_says_who_the_caller_is()
    {
        var person = await Person.RegisterAsync(identity);
        var user = await person.ReadAsync();
        using var api = identity.CreateApiClient(user.Id);

        var me = await api.GetFromJsonAsync<JsonElement>("/api/users/me");

        Assert.Equal(person.Email, me.GetProperty("email").GetString());
        Assert.Equal("Olena", me.GetProperty("displayName").GetString());
        Assert.Equal("active", me.GetProperty("state").GetString());
        Assert.False(me.GetProperty("hasSecondFactor").GetBoolean());
        Assert.Empty(me.GetProperty("organizations").EnumerateArray());
    }

    [Fact]
    public async Task A_profile_is_changed_with_an_event_and_an_entry_and_the_same_again_changes_nothing()
    {
        var person = await Person.RegisterAsync(identity);
        var user = await person.ReadAsync();
        using var api = identity.CreateApiClient(user.Id);
        var profile = new { displayName = "Олена", avatarUrl = "https://example.com/a.png", language = "uk", timeZone = "Europe/Kyiv" };

        using var changed = await api.PutAsJsonAsync("/api/users/profile", profile);
        using var again = await api.PutAsJsonAsync("/api/users/profile", profile);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [changed.StatusCode, again.StatusCode]);
        var after = await person.ReadAsync();
        Assert.Equal(("Олена", "uk", "Europe/Kyiv", user.Revision + 1), (after.DisplayName, after.Language, after.TimeZone, after.Revision));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(entry => entry.UserId == user.Id && entry.Action == "user.profile-changed")));
    }

    [Theory]
    [InlineData("displayName", "a\u0007b")]
    [InlineData("displayName", "a\u202Eb")]
    [InlineData("avatarUrl", "http://example.com/a.png")]
    [InlineData("avatarUrl", "javascript:alert(1)")]
    [InlineData("avatarUrl", "https://user:secret@example.com/")]
    [InlineData("language", "de")]
    [InlineData("timeZone", "Mars/Olympus")]
    [InlineData("timeZone", "../../etc/passwd")]
    public async Task A_wrong_profile_is_refused_by_the_field(string field, string value)
    {
        var person = await Person.RegisterAsync(identity);
        using var api = identity.CreateApiClient((await person.ReadAsync()).Id);
        var values = new Dictionary<string, string?> { ["displayName"] = "A", ["avatarUrl"] = null, ["language"] = "en", ["timeZone"] = "Etc/UTC", [field] = value };

        using var refused = await api.PutAsJsonAsync("/api/users/profile", values);
        using var page = await person.Browser.SubmitAsync("/account", null, values.Select(pair => (pair.Key, pair.Value ?? string.Empty)));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.StatusCode);
    }

    [Fact]
    public async Task The_language_of_the_profile_becomes_the_language_of_the_pages()
    {
        var person = await Person.RegisterAsync(identity);
        using var saved = await person.Browser.SubmitAsync("/account", null, ("displayName", "Olena"), ("language", "uk"), ("timeZone", "Europe/Kyiv"));
        using var chosen = await person.Browser.GetAsync(saved.Headers.Location!.OriginalString);
        Assert.Contains("<html lang=\"uk\"", await person.Browser.ReadAsync("/account"), StringComparison.Ordinal);
    }
}
