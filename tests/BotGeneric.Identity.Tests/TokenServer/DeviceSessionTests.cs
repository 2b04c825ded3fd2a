using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.Identity.TokenServer.Maintenance;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>The session of a device is there with its tokens, once, and ends with what they stand on.</summary>
public sealed class DeviceSessionTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>, IAsyncLifetime
{
    private readonly Flow _device = new(identity.CreateClient());

    public Task InitializeAsync() => identity.RegisterClientsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Two_polls_of_one_code_at_once_begin_one_session_and_one_of_them_gets_its_tokens()
    {
        var user = await identity.AddUserAsync();
        var started = await AllowedAsync(user);

        // Both have found the code good and wait for the person's row.
        var answers = await HoldingAsync(user, () => [PollAsync(started), PollAsync(started)]);

        var won = Assert.Single(answers, answer => answer.Error is null);
        Assert.Equal("invalid_grant", Assert.Single(answers, answer => answer.Error is not null).Error);
        var session = Assert.Single(await SessionsAsync(user));
        Assert.Equal(won.Access.GetPayloadValue<string>("sid"), session.Id.ToString());
        Assert.Null((await _device.RefreshAsync(won.RefreshToken, Client())).Error);
        Assert.Null(session.RevokedAt);
    }

    [Fact]
    public async Task However_polls_come_there_are_as_many_sessions_as_sign_ins()
    {
        for (var round = 0; round < 5; round++)
        {
            var user = await identity.AddUserAsync();
            var started = await AllowedAsync(user);

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PollAsync(started)));

            var got = answers.Where(answer => answer.Error is null).ToList();
            Assert.True(got.Count <= 1, "The code worked twice.");
            // One that came after the code was used takes everything back: then nobody is signed in.
            var works = got.Count == 1 && (await _device.RefreshAsync(got[0].RefreshToken, Client())).Error is null;
            Assert.Equal(works ? 1 : 0, (await SessionsAsync(user)).Count(session => session.RevokedAt is null));
        }
    }

    [Fact]
    public async Task A_code_that_comes_again_ends_the_session_with_its_tokens()
    {
        var user = await identity.AddUserAsync();
        var started = await AllowedAsync(user);
        var tokens = await PollAsync(started);

        Assert.Equal("invalid_grant", (await PollAsync(started)).Error);

        Assert.Equal("invalid_grant", (await _device.RefreshAsync(tokens.RefreshToken, Client())).Error);
        Assert.NotNull(Assert.Single(await SessionsAsync(user)).RevokedAt);
    }

    [Fact]
    public async Task A_device_that_gives_its_token_back_is_listed_no_more()
    {
        var user = await identity.AddUserAsync();
        var tokens = await PollAsync(await AllowedAsync(user));

        await _device.PostAsync("/connect/revocation", [.. Client(), ("token", tokens.RefreshToken)]);

        Assert.NotNull(Assert.Single(await SessionsAsync(user)).RevokedAt);
    }

    [Fact]
    public async Task With_an_application_everything_that_it_was_given_ends_everywhere()
    {
        await using var heard = await BrokerTap<SessionsRevoked>.OpenAsync();
        await AddAsync("radio");
        var (one, two) = (await identity.AddUserAsync(), await identity.AddUserAsync());
        using var browser = await identity.SignInAsync(one);
        var (ofOne, ofTwo) = (await PollAsync(await AllowedAsync(one, "radio"), "radio"), await PollAsync(await AllowedAsync(two, "radio"), "radio"));
        var other = await PollAsync(await AllowedAsync(one));
        Assert.Contains("Radio", await browser.ReadAsync("/account/sessions"), StringComparison.Ordinal);

        await RemoveAsync("radio");

        foreach (var (user, tokens) in new[] { (one, ofOne), (two, ofTwo) })
        {
            var session = Assert.Single(await SessionsAsync(user), session => session.ClientId == "radio");
            Assert.NotNull(session.RevokedAt);
            Assert.Equal("invalid_client", (await _device.RefreshAsync(tokens.RefreshToken, Client("radio"))).Error);
            // Gateways hear of it, and refuse the access token from then on.
            await Eventually.EqualAsync(
                true, () => Task.FromResult(heard.Events.Any(@event => @event.SessionIds?.Contains(session.Id) == true)), "the end of a session to be told");
        }

        Assert.False(await _device.IsActiveAsync(ofOne.AccessToken));
        Assert.DoesNotContain("Radio", await browser.ReadAsync("/account/sessions"), StringComparison.Ordinal);
        Assert.DoesNotContain("Radio", await browser.ReadAsync("/account/applications"), StringComparison.Ordinal);
        Assert.Null((await _device.RefreshAsync(other.RefreshToken, Client())).Error);
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.Database.SqlQuery<int>(
            $"SELECT count(*)::int AS \"Value\" FROM tokens WHERE subject = {two.Id.ToString()} AND status = 'valid'").SingleAsync()));
    }

    [Fact]
    public async Task An_application_that_is_removed_while_its_device_comes_leaves_no_session()
    {
        await AddAsync("lamp");
        var user = await identity.AddUserAsync();
        var started = await AllowedAsync(user, "lamp");

        var answers = await HoldingAsync(user, () => [PollAsync(started, "lamp")], () => RemoveAsync("lamp"));

        Assert.NotNull(Assert.Single(answers).Error);
        Assert.Empty(await SessionsAsync(user));
    }

    [Fact]
    public async Task What_is_taken_back_while_its_device_comes_leaves_no_session()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        var started = await AllowedAsync(user);

        var answers = await HoldingAsync(
            user, () => [PollAsync(started)], async () =>
            {
                using var taken = await browser.SubmitAsync("/account/applications", "/account/applications");
                Assert.Equal("/account/applications", taken.Headers.Location?.OriginalString);
                Assert.DoesNotContain("Desktop", await browser.ReadAsync("/account/applications"), StringComparison.Ordinal);
            });

        Assert.Equal("invalid_grant", Assert.Single(answers).Error);
        Assert.Empty(await SessionsAsync(user));
    }

    [Fact]
    public async Task What_applications_that_were_removed_earlier_left_is_cleared_away()
    {
        var user = await identity.AddUserAsync();
        var (missing, there) = (Left(user, "gone"), Left(user, TokenServerApplication.PublicClient));
        await identity.WithDatabaseAsync(db =>
        {
            db.Sessions.AddRange(missing, there);
            return db.SaveChangesAsync();
        });

        await identity.Services.GetRequiredService<Pruning>().PruneAsync(CancellationToken.None);

        var sessions = (await SessionsAsync(user)).ToDictionary(session => session.Id);
        Assert.NotNull(sessions[missing.Id].RevokedAt);
        Assert.Null(sessions[there.Id].RevokedAt);
    }

    [Fact]
    public async Task A_device_of_an_earlier_version_is_known_by_its_authorization_after_its_next_refresh()
    {
        var user = await identity.AddUserAsync();
        var tokens = await PollAsync(await AllowedAsync(user));
        var before = Assert.Single(await SessionsAsync(user)).AuthorizationId;
        await identity.WithDatabaseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE sessions SET authorization_id = NULL WHERE user_id = {user.Id}"));

        await _device.RefreshAsync(tokens.RefreshToken, Client());

        Assert.NotNull(before);
        Assert.Equal(before, Assert.Single(await SessionsAsync(user)).AuthorizationId);
    }

    private static (string, string?)[] Client(string clientId = TokenServerApplication.PublicClient) => [("client_id", clientId), ("client_secret", null)];

    private UserSession Left(User user, string clientId)
    {
        var now = identity.Clock.GetUtcNow();
        return UserSession.OfDevice(user.Id, clientId, null, now, ["pwd"], now, TimeSpan.FromDays(30), null, null);
    }

    private Task<List<UserSession>> SessionsAsync(User user) => identity.WithDatabaseAsync(
        db => db.Sessions.AsNoTracking().Where(session => session.UserId == user.Id && session.ClientId != null).ToListAsync());

    /// <summary>Requests that are under way while somebody else has the person's row, and what happens meanwhile.</summary>
    private async Task<Tokens[]> HoldingAsync(User user, Func<Task<Tokens>[]> begin, Func<Task>? meanwhile = null)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Data.IdentityDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.LockUserAsync(user.Id, CancellationToken.None);
        var requests = begin();
        await Eventually.EqualAsync(
            requests.Length,
            () => identity.WithDatabaseAsync(other => other.Database.SqlQuery<int>(
                $"SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").SingleAsync()),
            "the requests to wait for the person");
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        await transaction.CommitAsync();
        return await Task.WhenAll(requests);
    }

    private async Task AddAsync(string clientId)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var (_, refusal) = await scope.ServiceProvider.GetRequiredService<ClientCatalogue>().CreateAsync(
            new ClientDefinition
            {
                ClientId = clientId,
                DisplayName = string.Concat(clientId[..1].ToUpperInvariant(), clientId.AsSpan(1)),
                IsConfidential = false,
                Grants = ["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
                Scopes = ["profile", "users:read"],
            },
            null, CancellationToken.None);
        Assert.Null(refusal);
    }

    private async Task RemoveAsync(string clientId)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        Assert.Null(await scope.ServiceProvider.GetRequiredService<ClientCatalogue>().DeleteAsync(clientId, null, CancellationToken.None));
    }

    // A code that somebody has allowed and for which the device has not come yet.
    private async Task<Tokens> AllowedAsync(User user, string clientId = TokenServerApplication.PublicClient)
    {
        using var browser = await identity.SignInAsync(user);
        var started = await _device.PostAsync("/connect/deviceauthorization", [.. Client(clientId), ("scope", "openid profile offline_access users:read")]);
        using var answer = await browser.SubmitAsync($"/account/device?user_code={started.Text("user_code")}", "/account/device", ("decision", "allow"));
        Assert.Equal("/account/device/allowed", answer.Headers.Location?.OriginalString);
        return started;
    }

    private Task<Tokens> PollAsync(Tokens started, string clientId = TokenServerApplication.PublicClient) => _device.TokenAsync(
        [.. Client(clientId), ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", started.Text("device_code"))]);
}
