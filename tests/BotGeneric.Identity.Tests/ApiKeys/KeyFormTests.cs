using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.ApiKeys;

/// <summary>What the pages about keys, and the API, tell people about their keys and their mistakes.</summary>
public sealed class KeyFormTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Path = "/api/keys";

    [Fact]
    public async Task The_form_for_a_key_tells_everything_that_is_wrong_at_once_and_keeps_what_was_filled_in()
    {
        var owner = await identity.CreatePersonAsync("owner");
        using var browser = await owner.BrowseAsync();

        using var refused = await browser.SubmitAsync(
            "/account/keys/new", null, ("name", " "), ("days", "9999"), ("allowedNetworks", "not a network"), ("requestsPerMinute", "many"));
        var html = await refused.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(5, html.Split("class=\"error\"").Length - 1);
        Assert.Contains("not a network", html, StringComparison.Ordinal);
        Assert.Contains("value=\"many\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_names_every_field_that_is_wrong()
    {
        var owner = await identity.CreatePersonAsync("owner");

        using var refused = await owner.Api.TryAsync(
            HttpMethod.Post, Path, new { name = " ", scopes = new[] { "nothing" }, allowedNetworks = new[] { "here" }, requestsPerMinute = 0 });
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(
            ["allowedNetworks", "name", "requestsPerMinute", "scopes"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("en", "Works until: it is revoked", "Worked until: ")]
    [InlineData("ru", "Действует до: отзыва", "Действовал до: ")]
    [InlineData("uk", "Діє до: відкликання", "Діяв до: ")]
    public async Task Of_a_key_that_has_ended_it_is_said_until_when_it_worked(string language, string open, string ended)
    {
        var owner = await identity.CreatePersonAsync("owner");
        var ids = new List<Guid>();
        foreach (var name in new[] { "works", "revoked", "expired", "both" })
        {
            ids.Add((await owner.Api.SendAsync(HttpMethod.Post, Path, new { name, scopes = new[] { "usage:read" } })).GetProperty("key").GetProperty("id").GetGuid());
        }

        // When it ended and how: as the list says it, with the earlier of the two where there are two.
        var (early, late) = (new DateTimeOffset(2026, 2, 3, 4, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 2, 3, 5, 0, 0, TimeSpan.Zero));
        await SetAsync(ids[0], null, null);
        await SetAsync(ids[1], null, early);
        await SetAsync(ids[2], early, null);
        await SetAsync(ids[3], early, late);
        using var browser = await owner.BrowseAsync();
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var cards = (await browser.ReadAsync("/account/keys")).Split("<li class=\"card\">").Skip(1)
            .ToDictionary(card => card.Split("<h2>")[1].Split("</h2>")[0], card => WebUtility.HtmlDecode(card));

        Assert.Contains(open, cards["works"], StringComparison.Ordinal);
        foreach (var name in new[] { "revoked", "expired", "both" })
        {
            Assert.Contains($"{ended}<time datetime=\"2026-02-03T04:00", cards[name], StringComparison.Ordinal);
            Assert.DoesNotContain(open.Split(':')[0] + ":", cards[name], StringComparison.Ordinal);
        }

        Task<int> SetAsync(Guid id, DateTimeOffset? expiresAt, DateTimeOffset? revokedAt) => identity.WithDatabaseAsync(db => db.ApiKeys.Where(key => key.Id == id)
            .ExecuteUpdateAsync(update => update.SetProperty(key => key.ExpiresAt, expiresAt).SetProperty(key => key.RevokedAt, revokedAt)));
    }

    [Fact]
    public async Task Times_are_in_the_persons_language_and_time_zone()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var made = await owner.Api.SendAsync(HttpMethod.Post, Path, new { name = "key", scopes = new[] { "usage:read" } });
        var id = made.GetProperty("key").GetProperty("id").GetGuid();
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Id == owner.Id)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.TimeZone, "Asia/Kathmandu")));
        var used = new DateTimeOffset(2026, 3, 4, 20, 30, 0, TimeSpan.Zero);
        await identity.WithDatabaseAsync(db => db.ApiKeys.Where(key => key.Id == id)
            .ExecuteUpdateAsync(update => update.SetProperty(key => key.LastUsedAt, used)));
        using var browser = await owner.BrowseAsync();

        var english = await browser.ReadAsync("/account/keys");
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("uk");
        var ukrainian = await browser.ReadAsync("/account/keys");

        // 5:45 ahead of UTC: the next day there.
        Assert.Contains(">5 Mar 2026 02:15</time>", english, StringComparison.Ordinal);
        Assert.Contains("datetime=\"2026-03-04T20:30:00.0000000Z\"", english, StringComparison.Ordinal);
        Assert.Contains(">05.03.2026 02:15</time>", ukrainian, StringComparison.Ordinal);
    }
}
