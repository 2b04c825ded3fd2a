using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.TokenServer.Clients;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>
/// An admin acts as a person for a few minutes: the subject token is the person's id, the actor token the admin's own access token. Every attempt is
/// audited, also a refused one. The token never has the rights of an admin, and ends with the admin's session.
/// </summary>
internal sealed class ImpersonationGrant(
    IdentityDbContext db, TokenSubjects subjects, TokenPrincipals principals, ClientScopes clientScopes, IOpenIddictApplicationManager clients,
    AuditTrail audit, IOptions<TokenServerOptions> options, TimeProvider time)
{
    public async Task<GrantResult> ExchangeAsync(
        OpenIddictRequest request, ClaimsPrincipal token, ClaimsPrincipal? actorToken, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(request.ClientId!, cancellationToken);
        if (client is null || !await clients.HasPermissionAsync(client, TokenServerNames.ImpersonationPermission, cancellationToken))
        {
            return GrantResult.Refused(OpenIddictConstants.Errors.UnauthorizedClient, "This client may not ask for this.");
        }

        if (actorToken is null || await AdminAsync(actorToken, cancellationToken) is not { } admin)
        {
            return GrantResult.Invalid("The actor token is not that of an admin who may do this now.");
        }

        var userId = Guid.Parse(token.GetClaim(OpenIddictConstants.Claims.Subject)!);
        var user = await db.Users.SingleOrDefaultAsync(candidate => candidate.Id == userId, cancellationToken);
        var refusal = Impersonations.RefusalOf(admin.User.Id, user);
        var possible = ApiScopes.All.Intersect(await clientScopes.OfAsync(request.ClientId!, cancellationToken), StringComparer.Ordinal).ToList();
        var (scopes, problem) = TokenExchangeGrant.Narrow(request, possible);
        audit.Add(
            AuditActions.Impersonated, user?.Id, refusal ?? (problem is null ? AuditTrail.Success : "scope"), actorId: admin.User.Id,
            target: user is null ? userId.ToString() : null, details: new Dictionary<string, string?> { ["scopes"] = string.Join(' ', scopes) });
        await db.SaveChangesAsync(cancellationToken);
        if (refusal is not null || problem is not null)
        {
            return problem ?? GrantResult.Invalid("Nobody can act as this person.");
        }

        // Without the time and the kind of a sign-in: nothing that demands one can be done with this token.
        var principal = principals.Create(new TokenSubject(user!, admin.SessionId, null, null), scopes);
        TokenPrincipals.SetActor(principal, admin.User.Id.ToString());
        principal.SetAccessTokenLifetime(options.Value.ImpersonationLifetime);
        return TokenExchangeGrant.Audience(request, principal);
    }

    private async Task<TokenSubject?> AdminAsync(ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        if (!token.HasScope(ApiScopes.Admin) || token.GetClaim(ApiClaims.Role) != User.AdminRole || token.HasClaim(ApiClaims.Actor)
            || token.HasClaim(ApiClaims.KeyId) || await subjects.FindAsync(token, cancellationToken) is not { SessionId: not null, Authentication: not null } admin)
        {
            return null;
        }

        // The session's own time, not the token's: a confirmation counts at once, and a token never counts for more than the session.
        return admin.User.IsAdmin && principals.MayAdminister(admin.Authentication)
            && time.GetUtcNow() - principals.StepUpAt(admin.Authentication) <= options.Value.ImpersonationStepUp
                ? admin
                : null;
    }
}
