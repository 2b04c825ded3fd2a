using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class RefreshTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task Each_refresh_gives_a_new_token()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var first = await _gateway.SignInAsync(browser);
        identity.Clock.Advance(TimeSpan.FromMinutes(5));

        var second = await _gateway.RefreshAsync(first.RefreshToken);
        var third = await _gateway.RefreshAsync(second.RefreshToken);

        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.NotEqual(second.RefreshToken, third.RefreshToken);
        Assert.Equal(first.Access.GetPayloadValue<string>("sid"), third.Access.GetPayloadValue<string>("sid"));
        Assert.False(first.RefreshToken.Contains('.', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refresh_leaves_a_row_for_each_token_and_marks_the_used_one()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var first = await _gateway.SignInAsync(browser);

        var second = await _gateway.RefreshAsync(first.RefreshToken);

        var subject = user.Id.ToString();
        var rows = await identity.WithDatabaseAsync(db => db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>()
            .Where(token => token.Subject == subject && (token.Type == TokenTypeIdentifiers.AccessToken || token.Type == TokenTypeIdentifiers.RefreshToken)
                && token.Authorization != null && token.Application != null)
            .OrderBy(token => token.Id)
            .Select(token => new { token.Type, token.Status, IsReference = token.ReferenceId != null, HasPayload = token.Payload != null })
            .ToListAsync());
        Assert.Equal(2, rows.Count(row => row is { Type: TokenTypeIdentifiers.AccessToken, Status: "valid" }));
        Assert.Single(rows, row => row is { Type: TokenTypeIdentifiers.RefreshToken, Status: "redeemed", IsReference: true });
        Assert.Single(rows, row => row is { Type: TokenTypeIdentifiers.RefreshToken, Status: "valid", IsReference: true, HasPayload: true });
        Assert.True(await _gateway.IsActiveAsync(second.AccessToken));
    }

    [Fact]
    public async Task A_used_token_may_come_again_for_a_moment_on_any_replica_and_then_ends_everything()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        await using var other = identity.WithWebHostBuilder(_ => { });
        var replica = new Flow(other.CreateClient());
        var first = await _gateway.SignInAsync(browser);
        var second = await _gateway.RefreshAsync(first.RefreshToken);
        identity.Clock.Advance(TimeSpan.FromSeconds(20));

        var within = await replica.RefreshAsync(first.RefreshToken);
        Assert.Null(within.Error);
        identity.Clock.Advance(TimeSpan.FromSeconds(20));
        var after = await replica.RefreshAsync(first.RefreshToken);

        Assert.Equal("invalid_grant", after.Error);
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(second.RefreshToken)).Error);
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(within.RefreshToken)).Error);
        Assert.False(await _gateway.IsActiveAsync(second.AccessToken));
        Assert.Equal(1, await identity.WithDatabaseAsync(
            db => db.AuditEntries.CountAsync(entry => entry.Action == AuditActions.TokenReused && entry.UserId == user.Id)));
    }

    [Fact]
    public async Task Two_at_once_on_two_replicas_both_get_tokens()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        await using var other = identity.WithWebHostBuilder(_ => { });
        var replica = new Flow(other.CreateClient());
        var token = (await _gateway.SignInAsync(browser)).RefreshToken;

        // Often enough that two of them read the token before one has written.
        foreach (var _ in Enumerable.Range(0, 20))
        {
            var all = await Task.WhenAll(
                _gateway.RefreshAsync(token), replica.RefreshAsync(token), _gateway.RefreshAsync(token), replica.RefreshAsync(token));

            Assert.All(all, answer => Assert.Null(answer.Error));
            token = all[0].RefreshToken;
        }
    }

    [Fact]
    public async Task Less_can_be_asked_for_and_more_cannot()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser, ("scope", "openid offline_access users:read agents:read"));

        var less = await _gateway.RefreshAsync(tokens.RefreshToken, ("scope", "agents:read"));
        var all = await _gateway.RefreshAsync(less.RefreshToken);
        var more = await _gateway.RefreshAsync(all.RefreshToken, ("scope", "agents:read billing:write"));

        Assert.Equal("agents:read", less.Access.GetPayloadValue<string>("scope"));
        Assert.Equal(["agents"], less.Access.Audiences);
        Assert.Contains("identity", all.Access.Audiences);
        Assert.NotNull(more.Error);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("locked")]
    [InlineData("revoked")]
    [InlineData("deleted")]
    [InlineData("idle")]
    [InlineData("expired")]
    [InlineData("left")]
    public async Task A_refresh_ends_with_what_it_stands_on(string what)
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var organization = Organization.Create("House", identity.Clock.GetUtcNow());
        await identity.WithDatabaseAsync(async db =>
        {
            db.Organizations.Add(organization);
            db.Memberships.Add(Membership.Join(organization.Id, user.Id, OrganizationRoles.Member, identity.Clock.GetUtcNow()));
            (await db.Sessions.SingleAsync(session => session.UserId == user.Id)).ActFor(organization.Id);
            return await db.SaveChangesAsync();
        });
        var tokens = await _gateway.SignInAsync(browser);
        Assert.Equal(organization.Id.ToString(), tokens.Access.GetPayloadValue<string>("org"));
        Assert.Equal("member", tokens.Access.GetPayloadValue<string>("org_role"));
        identity.Clock.Advance(TimeSpan.FromSeconds(2));
        var now = identity.Clock.GetUtcNow();

        await identity.WithDatabaseAsync(async db =>
        {
            var session = await db.Sessions.SingleAsync(candidate => candidate.UserId == user.Id);
            var person = await db.Users.SingleAsync(candidate => candidate.Id == user.Id);
            switch (what)
            {
                case "session":
                    session.Revoke(now);
                    break;
                case "locked":
                    person.Lock(now, "test");
                    break;
                case "revoked":
                    person.RevokeTokens(now);
                    break;
                case "deleted":
                    person.Erase(now);
                    break;
                case "left":
                    (await db.Memberships.SingleAsync(membership => membership.UserId == user.Id)).Leave();
                    break;
                case "idle":
                    await db.Sessions.Where(candidate => candidate.Id == session.Id)
                        .ExecuteUpdateAsync(set => set.SetProperty(candidate => candidate.LastSeenAt, now - TimeSpan.FromDays(15)));
                    break;
                case "expired":
                    await db.Sessions.Where(candidate => candidate.Id == session.Id)
                        .ExecuteUpdateAsync(set => set.SetProperty(candidate => candidate.ExpiresAt, now));
                    break;
            }

            return await db.SaveChangesAsync();
        });

        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.False(await _gateway.IsActiveAsync(tokens.AccessToken));
    }

    [Fact]
    public async Task A_refresh_token_expires()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);
        identity.Clock.Advance(TimeSpan.FromDays(14) + TimeSpan.FromSeconds(1));

        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
    }

    [Fact]
    public async Task A_refresh_token_is_of_one_client()
    {
        await identity.RegisterClientsAsync();
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);

        var answer = await _gateway.RefreshAsync(
            tokens.RefreshToken, ("client_id", TokenServerApplication.ThirdParty), ("client_secret", identity.ThirdPartySecret));

        Assert.Equal("invalid_grant", answer.Error);
        Assert.Null((await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
    }

    [Theory]
    [InlineData("/connect/revocation")]
    [InlineData("/connect/revoke")]
    public async Task Revoking_a_refresh_token_ends_what_was_issued_with_it(string path)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var tokens = await _gateway.SignInAsync(browser);

        var answer = await _gateway.PostAsync(path, ("token", tokens.RefreshToken));

        Assert.Null(answer.Error);
        Assert.Equal("invalid_grant", (await _gateway.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.False(await _gateway.IsActiveAsync(tokens.AccessToken));
    }
}
