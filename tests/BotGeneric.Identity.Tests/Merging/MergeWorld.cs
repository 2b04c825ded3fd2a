using System.Net;
using System.Security.Cryptography;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.External;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Merging;

/// <summary>A person with two accounts: one with a Telegram identity, in whose browser the other one's Google identity is linked.</summary>
internal sealed class MergeWorld : IDisposable
{
    private readonly ExternalApplication _identity;

    private MergeWorld(ExternalApplication identity, User kept, FakePerson telegram, FakePerson google, Browser browser) =>
        (_identity, KeptId, KeptEmail, Telegram, Google, Browser) = (identity, kept.Id, kept.Email, telegram, google, browser);

    /// <summary>The browser in which the account that stays is signed in.</summary>
    public Browser Browser { get; }

    public Guid KeptId { get; }

    public string? KeptEmail { get; }

    public Guid AbsorbedId { get; private init; }

    public FakePerson Telegram { get; }

    public FakePerson Google { get; }

    public static async Task<MergeWorld> CreateAsync(ExternalApplication identity, bool keptHasEmail = true, bool absorbedHasEmail = true)
    {
        var telegram = FakePerson.OfTelegram();
        User kept;
        if (keptHasEmail)
        {
            (kept, telegram) = await identity.AddAccountAsync(ExternalApplication.NewEmail());
        }
        else
        {
            using var first = await identity.SignedInAsync("telegram", telegram);
            kept = await identity.UserOfAsync("telegram", telegram);
        }

        var google = FakePerson.OfGoogle(absorbedHasEmail ? ExternalApplication.NewEmail() : null);
        using var other = await identity.SignedInAsync("google", google);
        return new MergeWorld(identity, kept, telegram, google, await identity.SignedInAsync("telegram", telegram))
        {
            AbsorbedId = (await identity.UserOfAsync("google", google)).Id,
        };
    }

    /// <summary>Links the identity of the other account.</summary>
    /// <returns>The path of the offer.</returns>
    public async Task<string> OfferAsync()
    {
        using var response = await _identity.LinkAsync(Browser, "google", Google);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        var path = response.Headers.Location!.OriginalString;
        Assert.StartsWith("/account/merge/", path, StringComparison.Ordinal);
        return path;
    }

    public Task<HttpResponseMessage> AgreeAsync(string offer) => Browser.SubmitAsync(offer, offer);

    public async Task MergeAsync()
    {
        using var response = await AgreeAsync(await OfferAsync());
        Assert.Equal("/account/links?done=merged", response.Headers.Location?.OriginalString);
    }

    public Task<User> KeptAsync() => _identity.UserAsync(KeptId);

    public Task<User> AbsorbedAsync() => _identity.UserAsync(AbsorbedId);

    public Task ChangeAbsorbedAsync(Action<User> change) => _identity.WithDatabaseAsync(async db =>
    {
        change(await db.Users.SingleAsync(user => user.Id == AbsorbedId));
        return await db.SaveChangesAsync();
    });

    public async Task<Guid> OrganizationAsync(params (Guid User, string? Role)[] members)
    {
        var organization = Organization.Create($"Acme {Guid.NewGuid():N}", _identity.Clock.GetUtcNow());
        await _identity.WithDatabaseAsync(db =>
        {
            db.Organizations.Add(organization);
            foreach (var (user, role) in members)
            {
                var membership = Membership.Join(organization.Id, user, role ?? OrganizationRoles.Member, _identity.Clock.GetUtcNow());
                db.Memberships.Add(membership);
                if (role is null)
                {
                    membership.Leave();
                }
            }

            return db.SaveChangesAsync();
        });
        return organization.Id;
    }

    public Task<string?> RoleAsync(Guid organization, Guid user) => _identity.WithDatabaseAsync(db => db.Memberships
        .Where(membership => membership.OrganizationId == organization && membership.UserId == user)
        .Select(membership => membership.Role)
        .SingleOrDefaultAsync());

    public async Task<ApiKey> KeyAsync(DateTimeOffset? expiresAt = null)
    {
        var key = ApiKey.Create(
            Convert.ToHexString(RandomNumberGenerator.GetBytes(4)), RandomNumberGenerator.GetBytes(32), AbsorbedId, null, "key", ["usage:read"],
            _identity.Clock.GetUtcNow().AddDays(-2), expiresAt);
        await _identity.WithDatabaseAsync(db =>
        {
            db.ApiKeys.Add(key);
            return db.SaveChangesAsync();
        });
        return key;
    }

    /// <summary>Switches the other account's authenticator on.</summary>
    /// <returns>Its secret and a recovery code.</returns>
    public async Task<(string Secret, string RecoveryCode)> EnableTotpAsync()
    {
        await using var scope = _identity.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var factors = scope.ServiceProvider.GetRequiredService<SecondFactors>();
        var user = await db.Users.SingleAsync(candidate => candidate.Id == AbsorbedId);
        const string Secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        await factors.EnableAsync(user, Secret, CancellationToken.None);
        var codes = await factors.CreateRecoveryCodesAsync(user, CancellationToken.None);
        await db.SaveChangesAsync();
        return (Secret, codes[0]);
    }

    public void Dispose() => Browser.Dispose();
}
