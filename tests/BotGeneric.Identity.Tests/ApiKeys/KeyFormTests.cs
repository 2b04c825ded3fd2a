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
