using System.Net;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Administration;

public sealed class LastAdminTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    [Fact]
    public async Task Of_two_admins_who_remove_each_other_at_once_one_stays_and_the_last_one_always_does()
    {
        await NobodyIsAdminAsync();
        var (one, two) = (await identity.CreatePersonAsync("one", isAdmin: true), await identity.CreatePersonAsync("two", isAdmin: true));

        var statuses = await Task.WhenAll(
            one.Api.StatusAsync(HttpMethod.Put, $"/api/admin/users/{two.Id}/roles", new { roles = Array.Empty<string>() }),
            two.Api.StatusAsync(HttpMethod.Post, $"/api/admin/users/{one.Id}/lock", new { reason = "first" }));
        var last = statuses[0] == HttpStatusCode.NoContent ? one : two;

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], statuses.Order());
        Assert.Equal(HttpStatusCode.Conflict, await last.Api.StatusAsync(HttpMethod.Put, $"/api/admin/users/{last.Id}/roles", new { roles = Array.Empty<string>() }));
        Assert.Equal(HttpStatusCode.Conflict, await last.Api.StatusAsync(HttpMethod.Post, $"/api/admin/users/{last.Id}/lock", new { reason = "self" }));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.Users.CountAsync(user => user.Roles.Contains(User.AdminRole) && user.LockedAt == null)));
    }

    [Fact]
    public async Task The_last_admin_does_not_delete_their_own_account_and_one_who_is_going_does_not_count()
    {
        await NobodyIsAdminAsync();
        var (one, two) = (await identity.CreatePersonAsync("one", isAdmin: true), await identity.CreatePersonAsync("two", isAdmin: true));
        using var first = await one.BrowseAsync();
        using var second = await two.BrowseAsync();
        var forms = (
            new Browser.Form(await first.ReadAsync("/account/privacy"), "/account/privacy/delete"),
            new Browser.Form(await second.ReadAsync("/account/privacy"), "/account/privacy/delete"));

        var answers = await Task.WhenAll(first.SubmitAsync(forms.Item1, ("confirmation", "delete")), second.SubmitAsync(forms.Item2, ("confirmation", "delete")));

        Assert.Equal([HttpStatusCode.Found, HttpStatusCode.UnprocessableEntity], answers.Select(answer => answer.StatusCode).Order());
        var (going, last, browser) = answers[0].StatusCode == HttpStatusCode.Found ? (one, two, second) : (two, one, first);
        var page = await browser.ReadAsync("/account/privacy");
        Assert.Contains("the only one left who runs this system", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/account/privacy/delete", page, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.Conflict, await going.Api.StatusAsync(HttpMethod.Put, $"/api/admin/users/{last.Id}/roles", new { roles = Array.Empty<string>() }));
        Assert.Equal(HttpStatusCode.Conflict, await going.Api.StatusAsync(HttpMethod.Post, $"/api/admin/users/{last.Id}/lock", new { reason = "x" }));
    }

    // Whoever another test has left.
    private Task NobodyIsAdminAsync() => identity.WithDatabaseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE users SET roles = ARRAY[]::text[]"));
}
