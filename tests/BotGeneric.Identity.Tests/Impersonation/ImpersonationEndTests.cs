using System.Net;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.TokenServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Impersonation;

/// <summary>How acting as somebody else ends.</summary>
public sealed class ImpersonationEndTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Theory]
    [InlineData("expired")]
    [InlineData("person-locked")]
    [InlineData("person-leaving")]
    [InlineData("person-promoted")]
    [InlineData("person-ends-it")]
    [InlineData("admin-demoted")]
    [InlineData("admin-locked")]
    [InlineData("admin-signed-out")]
    public async Task It_ends_with_whatever_it_stands_on(string end)
    {
        var (admin, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        (await browser.ActAsAsync(person)).Dispose();
        var tokens = await _gateway.SignInAsync(browser);
        var form = new Browser.Form(await browser.ReadAsync("/account"), "/account");

        await EndAsync(end, admin, person);

        var mayGoOn = end is not ("admin-locked" or "admin-signed-out");
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
        // What was shown while acting as the person is not carried out in the admin's own name.
        using var posted = await browser.SubmitAsync(form, ("displayName", "Meant for the person"), ("language", "en"), ("timeZone", "Etc/UTC"));
        Assert.Equal(
            mayGoOn ? $"/account/admin/users/{person.Id}?done=over" : "/login?returnUrl=%2Faccount",
            posted.Headers.Location!.OriginalString.Replace("http://localhost/", "/", StringComparison.Ordinal));
        Assert.Equal("Root", await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Id == admin.Id).Select(user => user.DisplayName).SingleAsync()));
        using var page = await browser.GetAsync("/account");
        Assert.Equal(mayGoOn ? HttpStatusCode.OK : HttpStatusCode.Found, page.StatusCode);
        Assert.DoesNotContain("class=\"impersonation\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull((await identity.ImpersonationAsync(person.Id)).RevokedAt);
        Assert.Single(await identity.EntriesAsync(person.Id), entry => entry.Action == AuditActions.ImpersonationEnded);
        browser.Dispose();
    }

    [Fact]
    public async Task Nobody_comes_back_and_the_end_is_noted_all_the_same()
    {
        var (_, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        (await browser.ActAsAsync(person)).Dispose();
        browser.Dispose();

        identity.Clock.Advance(TimeSpan.FromMinutes(31));
        await WithSessionsAsync(sessions => sessions.EndExpiredImpersonationsAsync(CancellationToken.None));
        await WithSessionsAsync(sessions => sessions.EndExpiredImpersonationsAsync(CancellationToken.None));

        var entry = Assert.Single(await identity.EntriesAsync(person.Id), entry => entry.Action == AuditActions.ImpersonationEnded);
        Assert.Contains("\"expired\"", entry.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_while_acting_signs_the_admin_out_too()
    {
        var (admin, browser) = await identity.AdminAsync();
        var person = await identity.AddUserAsync();
        (await browser.ActAsAsync(person)).Dispose();
        var tokens = await _gateway.SignInAsync(browser);

        using var ended = await Flow.AuthorizeAsync(browser, $"/connect/endsession?id_token_hint={tokens.IdToken}");
        using var page = await browser.GetAsync("/account");

        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.Sessions.CountAsync(
            session => (session.UserId == person.Id || session.UserId == admin.Id) && session.RevokedAt == null)));
        browser.Dispose();
    }

    private async Task EndAsync(string end, User admin, User person)
    {
        switch (end)
        {
            case "expired":
                identity.Clock.Advance(TimeSpan.FromMinutes(31));
                break;
            case "person-locked":
                await identity.ChangeAsync(person.Id, user => user.Lock(identity.Clock.GetUtcNow(), "abuse"));
                break;
            case "person-leaving":
                await identity.ChangeAsync(person.Id, user => user.RequestDeletion(identity.Clock.GetUtcNow()));
                break;
            case "person-promoted":
                await identity.ChangeAsync(person.Id, user => user.Grant(User.AdminRole));
                break;
            case "admin-demoted":
                await identity.ChangeAsync(admin.Id, user => user.Withdraw(User.AdminRole));
                break;
            case "admin-locked":
                await identity.ChangeAsync(admin.Id, user => user.Lock(identity.Clock.GetUtcNow(), "abuse"));
                break;
            case "person-ends-it":
                await RevokeAllAsync(person.Id);
                break;
            default:
                await RevokeAllAsync(admin.Id);
                break;
        }
    }

    private async Task RevokeAllAsync(Guid userId)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Data.IdentityDbContext>();
        await scope.ServiceProvider.GetRequiredService<SessionService>().RevokeAllAsync(
            await db.Users.SingleAsync(user => user.Id == userId), null, CancellationToken.None);
        await db.SaveChangesAsync();
    }

    private async Task WithSessionsAsync(Func<SessionService, Task> work)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<SessionService>());
    }
}
