using BotGeneric.Identity.Data;
using BotGeneric.Identity.External;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>The ways in which a person can sign in. The last one is never taken away: nobody could let the person back in.</summary>
public sealed class WaysIn(IExternalProviderList providers)
{
    /// <summary>
    /// Whether somebody can still sign in without one of the ways: by a password, which needs an address, by a linked identity of a provider that is
    /// configured, or by a passkey. Whoever removes one then changes the person's concurrency stamp, so that two who each remove one of the last
    /// two collide.
    /// </summary>
    /// <param name="db">Where to look.</param>
    /// <param name="user">The person.</param>
    /// <param name="withoutProvider">The provider whose link is to go, or null.</param>
    /// <param name="withoutPasskey">The credential that is to go, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> HasAnotherAsync(
        IdentityDbContext db, User user, string? withoutProvider, byte[]? withoutPasskey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(user);
        if (user is { PasswordHash: not null, Email: not null })
        {
            return true;
        }

        var linked = await db.ExternalIdentities
            .Where(identity => identity.UserId == user.Id && identity.Provider != withoutProvider)
            .Select(identity => identity.Provider)
            .ToListAsync(cancellationToken);
        var passkeys = await db.Set<IdentityUserPasskey<Guid>>()
            .Where(passkey => passkey.UserId == user.Id)
            .Select(passkey => passkey.CredentialId)
            .ToListAsync(cancellationToken);
        return linked.Any(providers.LeadsIn) || passkeys.Any(id => !id.AsSpan().SequenceEqual(withoutPasskey));
    }
}
