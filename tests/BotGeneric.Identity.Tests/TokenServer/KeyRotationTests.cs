using System.Text.Json.Nodes;
using BotGeneric.Identity.TokenServer.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>Each test has a service of its own: they move the clock by months.</summary>
public sealed class KeyRotationTests : IAsyncLifetime
{
    private readonly TokenServerApplication _identity = new();
    private Flow _gateway = null!;

    public async Task InitializeAsync()
    {
        await _identity.InitializeAsync();
        _gateway = new Flow(_identity.CreateClient());
    }

    public Task DisposeAsync() => ((IAsyncLifetime)_identity).DisposeAsync();

    [Fact]
    public async Task A_key_is_announced_used_and_retained_on_every_replica()
    {
        await using var other = _identity.WithWebHostBuilder(_ => { });
        var replica = new Flow(other.CreateClient());
        using var browser = await _identity.SignInAsync(await _identity.AddUserAsync());
        var before = await _gateway.SignInAsync(browser);
        var first = before.Access.Kid;
        Assert.Equal(2, (await KeysAsync(other.CreateClient())).Count);

        await AdvanceAsync(TimeSpan.FromDays(76) + TimeSpan.FromHours(1), _identity.Services, other.Services);
        var announced = await KeysAsync(other.CreateClient());
        Assert.Equal(4, announced.Count);
        Assert.Equal(announced, await KeysAsync(_identity.CreateClient()));
        Assert.Equal(first, await SignAsync(replica));

        await AdvanceAsync(TimeSpan.FromDays(14), _identity.Services, other.Services);
        var used = await SignAsync(replica);
        Assert.NotEqual(first, used);
        Assert.Contains(used, announced);
        Assert.Equal(used, await SignAsync(_gateway));
        Assert.Contains(first, await KeysAsync(_identity.CreateClient()));

        await AdvanceAsync(TimeSpan.FromDays(14), _identity.Services, other.Services);
        Assert.DoesNotContain(first, await KeysAsync(_identity.CreateClient()));
        Assert.DoesNotContain(first, await KeysAsync(other.CreateClient()));
    }

    [Fact]
    public async Task A_refresh_token_works_across_a_rotation()
    {
        await AdvanceAsync(TimeSpan.FromDays(89), _identity.Services);
        using var browser = await _identity.SignInAsync(await _identity.AddUserAsync());
        var before = await _gateway.SignInAsync(browser);
        await AdvanceAsync(TimeSpan.FromDays(2), _identity.Services);

        Assert.Equal(before.Access.Subject, (await _gateway.RefreshAsync(before.RefreshToken)).Access.Subject);
    }

    [Fact]
    public async Task Replicas_that_rotate_at_once_make_each_key_once()
    {
        await using var other = _identity.WithWebHostBuilder(_ => { });
        _ = other.Services;
        _identity.Clock.Advance(TimeSpan.FromDays(77));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            (number % 2 == 0 ? _identity.Services : other.Services).GetRequiredService<SigningKeyStore>().RefreshAsync(mayWait: true, CancellationToken.None)));

        Assert.Equal(6, await _identity.WithDatabaseAsync(db => db.SigningKeys.CountAsync()));
    }

    [Fact]
    public async Task The_loss_of_the_key_ring_makes_new_keys_and_does_not_stop_the_service()
    {
        using var browser = await _identity.SignInAsync(await _identity.AddUserAsync());
        var lost = await _gateway.SignInAsync(browser);
        await _identity.WithDatabaseAsync(db => db.DataProtectionKeys.ExecuteDeleteAsync());
        await using var restarted = _identity.WithWebHostBuilder(_ => { });

        var keys = await KeysAsync(restarted.CreateClient());

        Assert.Equal(2, keys.Count);
        Assert.DoesNotContain(lost.Access.Kid, keys);
        Assert.Equal("invalid_grant", (await new Flow(restarted.CreateClient()).RefreshAsync(lost.RefreshToken)).Error);
    }

    [Fact]
    public async Task Private_keys_are_not_readable_in_the_table()
    {
        var rows = await _identity.WithDatabaseAsync(db => db.SigningKeys.AsNoTracking().ToListAsync());

        Assert.Equal(3, rows.Count);
        Assert.All(rows, row => Assert.StartsWith("CfDJ8", row.ProtectedKey, StringComparison.Ordinal));
    }

    private static async Task<List<string>> KeysAsync(HttpClient client) =>
        [.. JsonNode.Parse(await client.GetStringAsync(new Uri("/.well-known/jwks", UriKind.Relative)))!["keys"]!.AsArray()
            .Select(key => key!["kid"]!.GetValue<string>()).Order()];

    private static async Task<string> SignAsync(Flow flow) => (await flow.TokenAsync(
        ("client_id", "telegram"), ("client_secret", TokenServerApplication.TelegramSecret), ("grant_type", "client_credentials"),
        ("scope", "agents:read"))).Access.Kid;

    private async Task AdvanceAsync(TimeSpan time, params IServiceProvider[] replicas)
    {
        _identity.Clock.Advance(time);
        foreach (var replica in replicas)
        {
            await replica.GetRequiredService<SigningKeyStore>().RefreshAsync(mayWait: true, CancellationToken.None);
        }
    }
}
