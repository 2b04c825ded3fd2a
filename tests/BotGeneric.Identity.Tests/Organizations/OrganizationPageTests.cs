using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Organizations;

public sealed class OrganizationPageTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Home = "/account/organizations";

    [Fact]
    public async Task A_person_creates_invites_renames_and_switches_on_the_pages()
    {
        var owner = await identity.CreatePersonAsync("owner");
        using var browser = await owner.BrowseAsync();

        using var created = await browser.SubmitAsync(Home, null, ("name", "Acme"));
        var path = created.Headers.Location!.OriginalString.Split('?')[0];
        using var invited = await browser.SubmitAsync(path, $"{path}/invitations", ("email", "guest@example.com"), ("role", "member"));
        using var renamed = await browser.SubmitAsync(path, $"{path}/rename", ("name", "Acme & Co"));
        using var selected = await browser.SubmitAsync(Home, $"{Home}/select", ("organization", path.Split('/')[^1]));
        var html = await browser.ReadAsync(path);

        Assert.Equal(HttpStatusCode.Found, invited.StatusCode);
        Assert.Equal(HttpStatusCode.Found, renamed.StatusCode);
        Assert.Equal(HttpStatusCode.Found, selected.StatusCode);
        Assert.Contains("guest@example.com", html, StringComparison.Ordinal);
        Assert.Contains("Acme &amp; Co", html, StringComparison.Ordinal);
        Assert.True(await identity.WithDatabaseAsync(db => db.Sessions.AnyAsync(session => session.UserId == owner.Id && session.OrganizationId != null)));
    }

    [Theory]
    [InlineData("en", "Organizations")]
    [InlineData("ru", "Организации")]
    [InlineData("uk", "Організації")]
    public async Task The_pages_speak_the_persons_language(string language, string title)
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        using var browser = await owner.BrowseAsync();
        browser.Client.DefaultRequestHeaders.Add("Accept-Language", language);

        Assert.Contains($"<h1>{title}</h1>", await browser.ReadAsync(Home), StringComparison.Ordinal);
        Assert.Contains($"lang=\"{language}\"", await browser.ReadAsync($"{Home}/{organization}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_organizations_page_and_forms_are_not_there()
    {
        var (owner, stranger) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("stranger"));
        var organization = await owner.CreateOrganizationAsync();
        await stranger.CreateOrganizationAsync("Own");
        using var browser = await stranger.BrowseAsync();
        var form = new Support.Browser.Form(await browser.ReadAsync(Home), Home);

        using var page = await browser.GetAsync($"{Home}/{organization}");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        foreach (var act in new[] { "rename", "invitations", "leave", "transfer", "close", $"members/{owner.Id}/role", $"members/{owner.Id}/remove" })
        {
            using var answer = await browser.Client.PostAsync(
                $"{Home}/{organization}/{act}", new FormUrlEncodedContent([.. form.Hidden, new("name", "Mine"), new("member", stranger.Id.ToString())]));
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{act} answered {(int)answer.StatusCode}.");
        }
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        using var browser = await owner.BrowseAsync();

        using var answer = await browser.Client.PostAsync($"{Home}/{organization}/leave", new FormUrlEncodedContent([]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Closing_asks_for_the_name_and_for_a_fresh_sign_in()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        using var browser = await owner.BrowseAsync();
        var path = $"{Home}/{organization}";

        using var wrong = await browser.SubmitAsync(path, $"{path}/close", ("name", "acme"));
        identity.Time.Advance(TimeSpan.FromMinutes(6));
        using var stale = await browser.SubmitAsync(path, $"{path}/close", ("name", "Acme"));

        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.StartsWith("/account/confirm?returnUrl=", stale.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(OrganizationRoles.Owner, await identity.RoleAsync(organization, owner.Id));
    }
}
