using System.Security.Claims;
using BotGeneric.Identity.Data;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>A code, a refresh token or a device code becomes an access token, if the person may still have one.</summary>
internal sealed class UserGrants(IdentityDbContext db, TokenSubjects subjects, TokenPrincipals principals)
{
    /// <summary>Exchanges.</summary>
    /// <param name="request">The request.</param>
    /// <param name="credential">The code or refresh token, already validated.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<GrantResult> ExchangeAsync(OpenIddictRequest request, ClaimsPrincipal credential, CancellationToken cancellationToken)
    {
        if (await subjects.FindAsync(credential, cancellationToken) is not { } subject)
        {
            return GrantResult.Invalid();
        }

        if (request.IsRefreshTokenGrantType())
        {
            subjects.Touch(subject);
            if (db.ChangeTracker.HasChanges())
            {
                await db.SaveChangesAsync(cancellationToken);
            }
        }

        // Less may be asked for than was granted (RFC 6749, section 6); the token server has refused more.
        var granted = credential.GetScopes();
        var asked = request.GetScopes();
        return GrantResult.Granted(principals.Create(subject, granted, asked.IsEmpty ? null : [.. granted.Intersect(asked, StringComparer.Ordinal)]));
    }
}
