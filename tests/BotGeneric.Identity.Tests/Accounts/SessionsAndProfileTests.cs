using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Tests.Accounts.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class SessionsAndProfileTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
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
