using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.External;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Merging;

/// <summary>What becomes of two accounts that become one.</summary>
[Collection(ExternalCollection.Name)]
public sealed class MergeTests(ExternalApplication identity)
{
    [Fact]
    public async Task The_page_says_what_will_happen_and_until_it_is_agreed_to_nothing_does()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        await world.OrganizationAsync((world.AbsorbedId, OrganizationRoles.Owner));
        await world.KeyAsync();

        var offer = await world.OfferAsync();
        var page = await world.Browser.ReadAsync(offer);

        Assert.Contains(world.KeptEmail!, page, StringComparison.Ordinal);
        Assert.Contains(world.Google.Email!, page, StringComparison.Ordinal);
        Assert.Contains("Sign-in with Google", page, StringComparison.Ordinal);
        Assert.Contains("Acme", page, StringComparison.Ordinal);
        Assert.Contains("API keys: 1", page, StringComparison.Ordinal);
        Assert.Equal(world.AbsorbedId, (await identity.FindAsync("google", world.Google.Subject))!.UserId);
        Assert.Equal(UserStates.Active, (await world.AbsorbedAsync()).State);
    }

    [Fact]
    public async Task Identities_keys_and_memberships_move_and_everything_else_of_the_account_ends()
    {
        await using var merged = await BrokerTap<AccountsMerged>.OpenAsync();
        await using var revokedKeys = await BrokerTap<ApiKeyRevoked>.OpenAsync();
        await using var revokedSessions = await BrokerTap<SessionsRevoked>.OpenAsync();
        using var world = await MergeWorld.CreateAsync(identity);
        using var elsewhere = await identity.SignedInAsync("google", world.Google);
        var (alive, expired) = (await world.KeyAsync(), await world.KeyAsync(identity.Clock.GetUtcNow().AddDays(-1)));
        var owned = await world.OrganizationAsync((world.AbsorbedId, OrganizationRoles.Owner));

        await world.MergeAsync();

        var absorbed = await world.AbsorbedAsync();
        Assert.Equal((UserStates.Merged, (Guid?)world.KeptId, false), (absorbed.State, absorbed.MergedIntoId, absorbed.MaySignIn));
        Assert.Equal((null, null, null, null), (absorbed.Email, absorbed.NormalizedEmail, absorbed.PasswordHash, absorbed.DisplayName));
        Assert.Equal(world.KeptId, (await identity.FindAsync("google", world.Google.Subject))!.UserId);
        Assert.Equal([world.KeptId, world.KeptId], await identity.WithDatabaseAsync(db => db.ApiKeys
            .Where(key => key.Id == alive.Id || key.Id == expired.Id).Select(key => key.UserId).ToListAsync()));
        Assert.True(await identity.WithDatabaseAsync(db => db.ApiKeys.AnyAsync(key => key.Id == alive.Id && key.RevokedAt == null)));
        Assert.Equal((OrganizationRoles.Owner, null), (await world.RoleAsync(owned, world.KeptId), await world.RoleAsync(owned, world.AbsorbedId)));
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.GetAsync("/account/links")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await world.Browser.GetAsync("/account/links?done=merged")).StatusCode);
        using var again = await identity.SignedInAsync("google", world.Google);
        Assert.Equal(world.KeptId, (await identity.UserOfAsync("google", world.Google)).Id);

        await HeardAsync(merged, e => (e.KeptUserId, e.AbsorbedUserId) == (world.KeptId, world.AbsorbedId));
        await HeardAsync(revokedKeys, e => e.KeyId == alive.KeyId);
        await HeardAsync(revokedSessions, e => e.UserId == world.AbsorbedId && e.SessionIds is null);
        var entries = await identity.WithDatabaseAsync(db => db.AuditEntries.AsNoTracking()
            .Where(entry => entry.Action == AuditActions.AccountsMerged || entry.Action == AuditActions.AccountAbsorbed)
            .ToListAsync());
        Assert.Single(entries, entry => (entry.Action, entry.UserId, entry.Target) == (AuditActions.AccountsMerged, world.KeptId, world.AbsorbedId.ToString()));
        Assert.Single(entries, entry => (entry.Action, entry.UserId, entry.Target) == (AuditActions.AccountAbsorbed, world.AbsorbedId, world.KeptId.ToString()));
    }

    [Theory]
    [InlineData(null, "member", "member")]
    [InlineData("member", "admin", "admin")]
    [InlineData("admin", "billing", "admin")]
    [InlineData("member", "billing", "member")]
    [InlineData("billing", "owner", "owner")]
    [InlineData("left", "admin", "admin")]
    public async Task Where_both_are_members_the_role_that_allows_more_holds(string? kept, string absorbed, string expected)
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var members = new List<(Guid, string?)> { (world.AbsorbedId, absorbed) };
        if (kept is not null)
        {
            members.Add((world.KeptId, kept == "left" ? null : kept));
        }

        var organization = await world.OrganizationAsync([.. members]);

        await world.MergeAsync();

        Assert.Equal((expected, null), (await world.RoleAsync(organization, world.KeptId), await world.RoleAsync(organization, world.AbsorbedId)));
    }

    [Fact]
    public async Task Of_one_provider_the_identity_of_the_account_that_stays_stays_and_the_other_ends()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var (own, apple) = (FakePerson.OfGoogle(), FakePerson.OfApple());
        using var other = await identity.SignedInAsync("google", world.Google);
        using var added = await identity.LinkAsync(other, "apple", apple);
        using var linked = await identity.LinkAsync(world.Browser, "google", own);
        using var offered = await identity.LinkAsync(world.Browser, "apple", apple);
        var offer = offered.Headers.Location!.OriginalString;
        Assert.Contains("the one that stays has another", await world.Browser.ReadAsync(offer), StringComparison.Ordinal);

        using var merged = await world.AgreeAsync(offer);

        Assert.Equal(world.KeptId, (await identity.FindAsync("google", own.Subject))!.UserId);
        Assert.Equal(world.KeptId, (await identity.FindAsync("apple", apple.Subject))!.UserId);
        Assert.Null(await identity.FindAsync("google", world.Google.Subject));
    }

    [Fact]
    public async Task An_account_without_an_address_takes_the_others_with_its_password()
    {
        using var world = await MergeWorld.CreateAsync(identity, keptHasEmail: false);
        await world.ChangeAbsorbedAsync(user => user.PasswordHash = "some hash");

        await world.MergeAsync();

        var kept = await world.KeptAsync();
        Assert.Equal((world.Google.Email, true, "some hash"), (kept.Email, kept.EmailConfirmed, kept.PasswordHash));
        await identity.Mail.WaitForAsync(world.Google.Email!, NotificationTemplates.AccountsMerged);
        Assert.DoesNotContain(identity.Mail.To(world.Google.Email!), mail => mail.Template == NotificationTemplates.AccountAbsorbed);
    }

    [Fact]
    public async Task An_address_that_goes_is_told_like_the_one_that_stays_and_its_invitations_are_for_that_one()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var organization = await world.OrganizationAsync((world.AbsorbedId, null));
        await identity.WithDatabaseAsync(db =>
        {
            db.Invitations.Add(Invitation.Create(
                organization, world.Google.Email!, world.Google.Email!.ToUpperInvariant(), OrganizationRoles.Member, world.AbsorbedId, Secrets.Hash(Secrets.Create()),
                identity.Clock.GetUtcNow(), TimeSpan.FromDays(7)));
            return db.SaveChangesAsync();
        });

        await world.MergeAsync();

        Assert.Equal(world.KeptEmail, (await world.KeptAsync()).Email);
        await identity.Mail.WaitForAsync(world.KeptEmail!, NotificationTemplates.AccountsMerged);
        await identity.Mail.WaitForAsync(world.Google.Email!, NotificationTemplates.AccountAbsorbed);
        var invitation = await identity.WithDatabaseAsync(db => db.Invitations.AsNoTracking().SingleAsync(row => row.OrganizationId == organization));
        Assert.Equal((world.KeptEmail, world.KeptId), (invitation.Email, invitation.InvitedBy));
        Assert.False(await identity.WithDatabaseAsync(db => db.Users.AnyAsync(user => user.Email == world.Google.Email)));
    }

    [Fact]
    public async Task The_second_factor_of_the_account_that_goes_ends_with_it()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var (secret, _) = await world.EnableTotpAsync();
        var offer = await world.OfferAsync();
        using var shown = await world.Browser.SubmitAsync(
            offer, $"{offer}/code", ("code", Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()))));

        using var response = await world.AgreeAsync(offer);

        Assert.Equal("/account/links?done=merged", response.Headers.Location?.OriginalString);
        Assert.False((await world.AbsorbedAsync()).TwoFactorEnabled);
        Assert.False((await world.KeptAsync()).TwoFactorEnabled);
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.UserTokens.CountAsync(token => token.UserId == world.AbsorbedId)));
    }

    [Fact]
    public async Task The_second_factor_comes_along_with_the_password_that_it_protects()
    {
        using var world = await MergeWorld.CreateAsync(identity, keptHasEmail: false);
        await world.ChangeAbsorbedAsync(user => user.PasswordHash = "some hash");
        var (_, recoveryCode) = await world.EnableTotpAsync();
        var offer = await world.OfferAsync();
        using var shown = await world.Browser.SubmitAsync(offer, $"{offer}/code", ("code", recoveryCode));
        Assert.Contains("you are asked for a code from now on", await world.Browser.ReadAsync(offer), StringComparison.Ordinal);

        using var response = await world.AgreeAsync(offer);

        Assert.Equal("/account/links?done=merged", response.Headers.Location?.OriginalString);
        var kept = await world.KeptAsync();
        Assert.Equal(("some hash", true), (kept.PasswordHash, kept.TwoFactorEnabled));
        Assert.False((await world.AbsorbedAsync()).TwoFactorEnabled);
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.UserTokens.CountAsync(token => token.UserId == world.KeptId && token.LoginProvider == "totp")));
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.UserTokens.CountAsync(token => token.UserId == world.AbsorbedId)));
    }

    [Fact]
    public async Task Merges_that_follow_each_other_lead_to_the_last_account_and_a_deletion_forgets_the_traces_of_all()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        await world.MergeAsync();
        var last = FakePerson.OfApple();
        using var browser = await identity.SignedInAsync("apple", last);
        var lastId = (await identity.UserOfAsync("apple", last)).Id;
        using var offered = await identity.LinkAsync(browser, "telegram", world.Telegram);
        var offer = offered.Headers.Location!.OriginalString;
        using var merged = await browser.SubmitAsync(offer, offer);

        Assert.Equal([lastId, lastId], await identity.WithDatabaseAsync(db => db.Users
            .Where(user => user.Id == world.KeptId || user.Id == world.AbsorbedId).Select(user => user.MergedIntoId!.Value).ToListAsync()));
        await identity.WithDatabaseAsync(async db =>
        {
            db.Erasures.Add(Erasure.Request(lastId, identity.Clock.GetUtcNow().AddDays(-31), TimeSpan.FromDays(30)));
            return await db.SaveChangesAsync();
        });
        await using var scope = identity.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Eraser>().EraseNextAsync(CancellationToken.None);
        Assert.Equal(UserStates.Deleted, (await identity.UserAsync(lastId)).State);
        Guid[] all = [lastId, world.KeptId, world.AbsorbedId];
        Assert.False(await identity.WithDatabaseAsync(db => db.Sessions.AnyAsync(session => all.Contains(session.UserId) && session.UserAgent != null)));
    }

    [Theory]
    [InlineData("en", "Make one account of two")]
    [InlineData("ru", "Объединить аккаунты")]
    [InlineData("uk", "Об")]
    public async Task The_page_speaks_the_readers_language(string language, string heading)
    {
        using var world = await MergeWorld.CreateAsync(identity, absorbedHasEmail: false);
        var offer = await world.OfferAsync();
        world.Browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        Assert.Contains(heading, await world.Browser.ReadAsync(offer), StringComparison.Ordinal);
    }

    private static Task HeardAsync<TEvent>(BrokerTap<TEvent> tap, Func<TEvent, bool> isMeant)
        where TEvent : Contracts.IIntegrationEvent =>
        Eventually.GetAsync(() => Task.FromResult(tap.Events.Any(isMeant)), isHeard => isHeard, typeof(TEvent).Name);
}
