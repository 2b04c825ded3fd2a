using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>A client acts for itself.</summary>
internal sealed class ClientCredentialsGrant(TokenPrincipals principals)
{
    public GrantResult Exchange(OpenIddictRequest request)
    {
        // Scopes that say something of a person mean nothing here; the token server has refused those the client may not ask for.
        var asked = request.GetScopes();
        return asked.Intersect(TokenServerNames.IdentityScopes, StringComparer.Ordinal).Any()
            ? GrantResult.Refused(OpenIddictConstants.Errors.InvalidScope, "A client that acts for itself is nobody whose profile could be asked for.")
            : GrantResult.Granted(principals.Create(request.ClientId!, [.. asked]));
    }
}
