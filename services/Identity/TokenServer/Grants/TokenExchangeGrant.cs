using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.TokenServer.Clients;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>
/// A service that was called in a person's name calls others in that name (RFC 8693). The new token can do no more than the old one, no longer, and says who
/// acts.
/// </summary>
internal sealed class TokenExchangeGrant(
    IdentityDbContext db, TokenSubjects subjects, TokenPrincipals principals, ClientScopes clientScopes, AuditTrail audit,
    IOptions<TokenServerOptions> options, TimeProvider time)
{
    public async Task<GrantResult> ExchangeAsync(OpenIddictRequest request, ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        if (request.ActorToken is not null)
        {
            return GrantResult.Refused(OpenIddictConstants.Errors.InvalidRequest, "The client itself is the actor; an actor token belongs to impersonation only.");
        }

        // A chain of actors would have to be checked by every service. Nobody needs one.
        if (token.HasClaim(ApiClaims.Actor) || token.HasClaim(ApiClaims.KeyId) || await subjects.FindAsync(token, cancellationToken) is not { } subject)
        {
            return GrantResult.Invalid("The subject token cannot be exchanged.");
        }

        var allowed = await clientScopes.OfAsync(request.ClientId!, cancellationToken);
        var (scopes, problem) = Narrow(request, [.. token.GetScopes().Intersect(allowed, StringComparer.Ordinal)]);
        if (problem is not null)
        {
            return problem;
        }

        var principal = principals.Create(subject, scopes);
        TokenPrincipals.SetActor(principal, request.ClientId!);
        Limit(principal, token);
        audit.Add(
            AuditActions.TokenExchanged, subject.User.Id, target: request.ClientId, actorId: subject.User.Id,
            details: new Dictionary<string, string?> { ["scopes"] = string.Join(' ', scopes) });
        await db.SaveChangesAsync(cancellationToken);
        return Audience(request, principal);
    }

    /// <summary>What of the possible scopes is asked for; everything when nothing is named.</summary>
    internal static (IReadOnlyCollection<string> Scopes, GrantResult? Problem) Narrow(OpenIddictRequest request, IReadOnlyCollection<string> possible)
    {
        var asked = request.GetScopes();
        var delegable = possible.Except([ApiScopes.Admin, .. TokenServerNames.IdentityScopes], StringComparer.Ordinal).ToList();
        if (asked.Except(delegable, StringComparer.Ordinal).Any())
        {
            return ([], GrantResult.Refused(OpenIddictConstants.Errors.InvalidScope, "A scope was asked for that the subject token does not have or that cannot be passed on."));
        }

        var scopes = asked.IsEmpty ? delegable : [.. asked];
        return scopes.Count == 0
            ? ([], GrantResult.Refused(OpenIddictConstants.Errors.InvalidScope, "Nothing of what the subject token can do can be passed on to this client."))
            : (scopes, null);
    }

    /// <summary>Keeps of the audience what was asked for.</summary>
    internal static GrantResult Audience(OpenIddictRequest request, ClaimsPrincipal principal)
    {
        var asked = request.GetAudiences();
        if (!asked.IsEmpty)
        {
            if (asked.Except(principal.GetResources(), StringComparer.Ordinal).Any())
            {
                return GrantResult.Refused(OpenIddictConstants.Errors.InvalidTarget, "The scopes of the token are not for this audience.");
            }

            principal.SetResources(asked);
        }

        return GrantResult.Granted(principal);
    }

    private void Limit(ClaimsPrincipal principal, ClaimsPrincipal token)
    {
        var lifetime = options.Value.AccessTokenLifetime;
        if (token.GetExpirationDate() is { } expiresAt && expiresAt - time.GetUtcNow() < lifetime)
        {
            lifetime = expiresAt - time.GetUtcNow();
        }

        principal.SetAccessTokenLifetime(lifetime);
    }
}
