using System.Security.Claims;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.TokenServer.Clients;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>A code, a refresh token or a device code becomes an access token, if the person may still have one.</summary>
internal sealed class UserGrants(
    IdentityDbContext db, TokenSubjects subjects, TokenPrincipals principals, ClientScopes clientScopes, DeviceSessions devices, GatheredTokens gathered)
{
    /// <summary>Exchanges.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">The request.</param>
    /// <param name="credential">The code or refresh token, already validated.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<GrantResult> ExchangeAsync(
        HttpContext context, OpenIddictRequest request, ClaimsPrincipal credential, CancellationToken cancellationToken)
    {
        if (await subjects.FindAsync(credential, cancellationToken) is not { } subject)
        {
            return GrantResult.Invalid();
        }

        // Less may be asked for than was granted (RFC 6749, section 6); the token server has refused more.
        // What was taken from the client since is gone for good, for this token and those after it.
        var allowed = await clientScopes.OfAsync(request.ClientId!, cancellationToken);
        string[] granted = [.. credential.GetScopes().Where(scope => ClientScopes.ForEveryClient.Contains(scope) || allowed.Contains(scope))];
        var asked = request.GetScopes();
        string[] effective = asked.IsEmpty ? granted : [.. granted.Intersect(asked, StringComparer.Ordinal)];
        // Who never asked for anything has nothing taken away.
        if (effective.Length == 0 && !(asked.IsEmpty && credential.GetScopes().IsEmpty))
        {
            return GrantResult.Refused(OpenIddictConstants.Errors.InvalidScope, "The client may not have any of these scopes any more.");
        }

        Guid? authorizationId = Guid.TryParse(credential.GetAuthorizationId(), out var id) ? id : null;
        // Also a device from before devices had sessions.
        if (request.IsDeviceCodeGrantType() || subject.SessionId is null)
        {
            if (await BeginDeviceAsync(context, request, subject, authorizationId, cancellationToken) is not { } device)
            {
                return GrantResult.Invalid();
            }

            subject = device;
        }
        else if (request.IsRefreshTokenGrantType())
        {
            subjects.Touch(subject, authorizationId);
            if (db.ChangeTracker.HasChanges())
            {
                await db.SaveChangesAsync(cancellationToken);
            }
        }

        return GrantResult.Granted(principals.Create(subject, granted, effective));
    }

    // The session is written with the tokens and with the end of the code, or not at all.
    private async Task<TokenSubject?> BeginDeviceAsync(
        HttpContext context, OpenIddictRequest request, TokenSubject allowed, Guid? authorizationId, CancellationToken cancellationToken)
    {
        await gathered.BeginAsync(cancellationToken);
        await db.LockUserAsync(allowed.User.Id, cancellationToken);
        // Whoever ends all sessions ends this one too, also when it begins at that moment.
        if (allowed.SessionId is { } sessionId
            && !await db.Sessions.AnyAsync(session => session.Id == sessionId && session.RevokedAt == null, cancellationToken))
        {
            return null;
        }

        var session = await devices.BeginAsync(
            context, allowed.User.Id, request.ClientId!, authorizationId, allowed.Authentication?.At ?? DateTimeOffset.UnixEpoch,
            allowed.Authentication?.Methods ?? [], cancellationToken);
        return session is null ? null : TokenSubject.Of(allowed.User, session, null);
    }
}
