using System.Collections.Immutable;
using System.Security.Claims;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer;

/// <summary>An application that a person allowed to act for them.</summary>
/// <param name="Id">The application.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Since">Since when, UTC.</param>
public sealed record GrantedApplication(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset? Since);

/// <summary>
/// What people allowed applications. A consent is an authorization of its own, beside those of each sign-in, so that a stolen refresh token costs a sign-in
/// and not the consent, and so that taking a consent back ends everything of the application.
/// </summary>
internal sealed class Consents(
    IOpenIddictApplicationManager clients, IOpenIddictAuthorizationManager authorizations, IOpenIddictTokenManager tokens, IdentityDbContext db,
    DeviceSessions devices, AuditTrail audit)
{
    /// <summary>When a person last allowed an application all of these scopes; null: never.</summary>
    public async Task<DateTimeOffset?> GivenAtAsync(Guid userId, object client, ImmutableArray<string> scopes, CancellationToken cancellationToken)
    {
        DateTimeOffset? newest = null;
        var clientId = await clients.GetIdAsync(client, cancellationToken);
        await foreach (var consent in authorizations.FindAsync(
            userId.ToString(), clientId, Statuses.Valid, AuthorizationTypes.Permanent, scopes, cancellationToken))
        {
            var at = await authorizations.GetCreationDateAsync(consent, cancellationToken) ?? DateTimeOffset.MinValue;
            newest = newest > at ? newest : at;
        }

        return newest;
    }

    /// <summary>Notes that a person allows an application something. Saves.</summary>
    public async Task GiveAsync(Guid userId, object client, ImmutableArray<string> scopes, CancellationToken cancellationToken)
    {
        var clientId = (await clients.GetIdAsync(client, cancellationToken))!;
        audit.Add(
            AuditActions.ConsentGiven, userId, target: await clients.GetClientIdAsync(client, cancellationToken), actorId: userId,
            details: new Dictionary<string, string?> { ["scopes"] = string.Join(' ', scopes) });
        var identity = new ClaimsIdentity("consent");
        identity.SetClaim(Claims.Subject, userId.ToString());
        await authorizations.CreateAsync(identity, userId.ToString(), clientId, AuthorizationTypes.Permanent, scopes, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Everything that a person allowed, by application.</summary>
    public async Task<IReadOnlyList<GrantedApplication>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        var granted = new Dictionary<string, GrantedApplication>(StringComparer.Ordinal);
        await foreach (var consent in authorizations.FindAsync(
            userId.ToString(), null, Statuses.Valid, AuthorizationTypes.Permanent, null, cancellationToken))
        {
            if (await authorizations.GetApplicationIdAsync(consent, cancellationToken) is not { } id
                || await clients.FindByIdAsync(id, cancellationToken) is not { } client)
            {
                continue;
            }

            var scopes = await authorizations.GetScopesAsync(consent, cancellationToken);
            var since = await authorizations.GetCreationDateAsync(consent, cancellationToken);
            granted[id] = granted.TryGetValue(id, out var other)
                ? other with { Scopes = [.. other.Scopes.Union(scopes, StringComparer.Ordinal)], Since = since < other.Since ? since : other.Since }
                : new GrantedApplication(id, await NameAsync(clients, client, cancellationToken), [.. scopes], since);
        }

        return [.. granted.Values.OrderBy(application => application.Name, StringComparer.CurrentCulture)];
    }

    /// <summary>Takes back what a person allowed an application: its tokens end. Saves.</summary>
    /// <returns>False when there was nothing.</returns>
    public async Task<bool> WithdrawAsync(Guid userId, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out _) || await clients.FindByIdAsync(id, cancellationToken) is not { } client)
        {
            return false;
        }

        var subject = userId.ToString();
        var revoked = await authorizations.RevokeAsync(subject, id, null, null, cancellationToken);
        await tokens.RevokeAsync(subject, id, null, null, cancellationToken);
        if (revoked == 0)
        {
            return false;
        }

        var clientId = (await clients.GetClientIdAsync(client, cancellationToken))!;
        await devices.EndAsync(userId, clientId, cancellationToken);
        audit.Add(AuditActions.ConsentRevoked, userId, target: clientId, actorId: userId);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>What an application is called.</summary>
    public static async Task<string> NameAsync(IOpenIddictApplicationManager clients, object client, CancellationToken cancellationToken) =>
        await clients.GetLocalizedDisplayNameAsync(client, cancellationToken) is { Length: > 0 } name
            ? name
            : (await clients.GetClientIdAsync(client, cancellationToken))!;
}
