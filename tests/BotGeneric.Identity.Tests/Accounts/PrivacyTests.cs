using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class PrivacyTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task The_export_holds_what_is_known_and_no_secret()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, codes) = await person.EnableTotpAsync();
        using var answer = await person.Browser.SubmitAsync("/account/privacy", "/account/privacy/export");
        var text = await answer.Content.ReadAsStringAsync();
        var user = await person.ReadAsync();

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var document = JsonDocument.Parse(text).RootElement;
        Assert.Equal(person.Email, document.GetProperty("profile").GetProperty("email").GetString());
        Assert.Equal(1, document.GetProperty("sessions").GetArrayLength());
        Assert.Contains(document.GetProperty("history").EnumerateArray(), entry => entry.GetProperty("action").GetString() == "user.exported");
        Assert.DoesNotContain(user.PasswordHash!, text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0], text, StringComparison.Ordinal);

        using var api = identity.CreateApiClient(user.Id, document.GetProperty("sessions")[0].GetProperty("id").GetGuid());
        var same = await api.GetFromJsonAsync<JsonElement>("/api/users/me/export");
        Assert.Equal(person.Email, same.GetProperty("profile").GetProperty("email").GetString());
    }

    [Theory]
    [InlineData("en", "What you used and paid is not in it")]
    [InlineData("ru", "Данных об использовании и платежах в нём тоже нет")]
    [InlineData("uk", "Даних про використання й платежі в ньому теж немає")]
    public async Task The_page_says_what_the_copy_does_not_hold(string language, string words)
    {
        var person = await Person.RegisterAsync(identity);
        person.Browser.Client.DefaultRequestHeaders.Add("Accept-Language", language);
        using var answer = await person.Browser.SubmitAsync("/account/privacy", "/account/privacy/export");

        var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(
            ["exportedAt", "profile", "sessions", "linkedAccounts", "passkeys", "keys", "organizations", "invitations", "deletions", "history"],
            document.EnumerateObject().Select(member => member.Name));
        Assert.Contains(words, WebUtility.HtmlDecode(await person.Browser.ReadAsync("/account/privacy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletion_needs_the_word_and_is_called_off_by_signing_in_and_saying_so()
    {
        var person = await Person.RegisterAsync(identity);
        using var wrong = await DeleteAsync(person, "yes");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var asked = await DeleteAsync(person, "delete");
        Assert.Equal("/account/privacy", asked.Headers.Location?.OriginalString);
        Assert.Equal(UserStates.Deleting, (await person.ReadAsync()).State);
        await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.DeletionScheduled);

        using var browser = identity.OpenBrowser();
        using var signedIn = await person.SignInAsync(browser, returnUrl: "/account/keys");
        Assert.Equal("/account/keep?returnUrl=%2Faccount%2Fkeys", signedIn.Headers.Location?.OriginalString);
        Assert.Equal(UserStates.Deleting, (await person.ReadAsync()).State);
        using var kept = await browser.SubmitAsync(signedIn.Headers.Location!.OriginalString, "/account/keep");

        Assert.Equal("/account/keys", kept.Headers.Location?.OriginalString);
        Assert.Equal(UserStates.Active, (await person.ReadAsync()).State);
    }

    [Fact]
    public async Task Deletion_is_refused_while_others_use_an_organization_of_the_person()
    {
        var person = await Person.RegisterAsync(identity);
        var other = await Person.RegisterAsync(identity);
        var (ownerId, memberId) = ((await person.ReadAsync()).Id, (await other.ReadAsync()).Id);
        var organization = Organization.Create("Otters", identity.Clock.GetUtcNow());
        await identity.WithDatabaseAsync(db =>
        {
            db.AddRange(organization,
                Membership.Join(organization.Id, ownerId, OrganizationRoles.Owner, identity.Clock.GetUtcNow()),
                Membership.Join(organization.Id, memberId, OrganizationRoles.Member, identity.Clock.GetUtcNow()));
            return db.SaveChangesAsync();
        });

        Assert.Contains("Otters", await person.Browser.ReadAsync("/account/privacy"), StringComparison.Ordinal);
        Assert.Equal(UserStates.Active, (await person.ReadAsync()).State);
        await identity.WithDatabaseAsync(async db =>
        {
            (await db.Memberships.SingleAsync(member => member.UserId == memberId)).Leave();
            return await db.SaveChangesAsync();
        });
        using var asked = await DeleteAsync(person, "delete");
        Assert.Equal("/account/privacy", asked.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task After_the_days_of_grace_everything_personal_is_gone_and_the_row_stays()
    {
        var person = await Person.RegisterAsync(identity);
        await person.EnableTotpAsync();
        var user = await person.ReadAsync();
        (await DeleteAsync(person, "delete")).Dispose();
        var worker = identity.Services.GetRequiredService<ErasureWorker>();
        identity.Clock.Advance(TimeSpan.FromDays(29));
        await worker.RunAsync(CancellationToken.None);
        Assert.NotNull((await person.ReadAsync()).Email);

        identity.Clock.Advance(TimeSpan.FromDays(2));
        await Task.WhenAll(worker.RunAsync(CancellationToken.None), worker.RunAsync(CancellationToken.None));
        await worker.RunAsync(CancellationToken.None);

        var after = await identity.WithDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(candidate => candidate.Id == user.Id));
        Assert.Equal(UserStates.Deleted, after.State);
        Assert.Equal((null, null, null, null), (after.Email, after.NormalizedEmail, after.PasswordHash, after.DisplayName));
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.UserTokens.CountAsync(token => token.UserId == user.Id)));
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.OneTimeLinks.CountAsync(link => link.Email == person.Email)));
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(entry => entry.UserId == user.Id && entry.IpAddress != null)));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(entry => entry.UserId == user.Id && entry.Action == "user.erased")));
        using var browser = identity.OpenBrowser();
        using var signIn = await person.SignInAsync(browser);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, signIn.StatusCode);
        using var admin = identity.CreateAdminClient();
        var erasures = await admin.GetFromJsonAsync<JsonElement>("/api/admin/erasures");
        Assert.Contains(erasures.GetProperty("items").EnumerateArray(), erasure => erasure.GetProperty("userId").GetGuid() == user.Id
            && erasure.GetProperty("startedAt").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task Deletion_that_is_asked_for_in_two_tabs_at_once_is_asked_for_once()
    {
        var person = await Person.RegisterAsync(identity);
        var form = new Browser.Form(await person.Browser.ReadAsync("/account/privacy"), "/account/privacy/delete");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => person.Browser.SubmitAsync(form, ("confirmation", "delete"))));

        Assert.All(answers, answer => Assert.Equal("/account/privacy", answer.Headers.Location?.OriginalString));
        var user = await person.ReadAsync();
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.Erasures.CountAsync(erasure => erasure.UserId == user.Id)));
    }

    [Fact]
    public async Task The_organization_of_somebody_who_is_erased_ends_for_everybody_in_it()
    {
        var owner = await Person.RegisterAsync(identity);
        var late = await Person.RegisterAsync(identity);
        var (ownerId, lateId) = ((await owner.ReadAsync()).Id, (await late.ReadAsync()).Id);
        var now = identity.Clock.GetUtcNow();
        var organization = Organization.Create("Otters", now);
        await identity.WithDatabaseAsync(db =>
        {
            db.AddRange(organization, Membership.Join(organization.Id, ownerId, OrganizationRoles.Owner, now));
            return db.SaveChangesAsync();
        });
        (await DeleteAsync(owner, "delete")).Dispose();
        await identity.WithDatabaseAsync(db =>
        {
            var secret = ApiKeyFormat.Generate();
            db.AddRange(
                Membership.Join(organization.Id, lateId, OrganizationRoles.Admin, now),
                Invitation.Create(organization.Id, "a@example.com", "A@EXAMPLE.COM", OrganizationRoles.Member, ownerId, [1], now, TimeSpan.FromDays(40)),
                ApiKey.Create("late0001", ApiKeyFormat.Hash(secret), lateId, organization.Id, "Late", [ApiScopes.UsageRead], now, null));
            return db.SaveChangesAsync();
        });

        identity.Clock.Advance(TimeSpan.FromDays(31));
        await identity.Services.GetRequiredService<ErasureWorker>().RunAsync(CancellationToken.None);

        Assert.Equal((0, 0, 0), await identity.WithDatabaseAsync(async db => (
            await db.Memberships.CountAsync(member => member.OrganizationId == organization.Id && member.Role != null),
            await db.Invitations.CountAsync(invitation => invitation.OrganizationId == organization.Id && invitation.RevokedAt == null),
            await db.ApiKeys.CountAsync(key => key.OrganizationId == organization.Id && key.RevokedAt == null))));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(
            entry => entry.OrganizationId == organization.Id && entry.Action == "key.revoked")));
    }

    private static Task<HttpResponseMessage> DeleteAsync(Person person, string word) =>
        person.Browser.SubmitAsync("/account/privacy", "/account/privacy/delete", ("confirmation", word));
}
