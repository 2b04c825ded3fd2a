using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Authentication;

/// <summary>
/// What a discovery document would say. The addresses are known, and differ by who asks: the browser goes to the public origin, the gateway
/// to Identity itself. Only the signing keys are fetched, kept, and fetched again when a token names one that is not known.
/// </summary>
internal sealed class TokenServerConfiguration(IOptions<IdentityOptions> options) : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var keys = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel));
        var identity = options.Value;
        var configuration = new OpenIdConnectConfiguration
        {
            Issuer = identity.NormalizedIssuer,
            AuthorizationEndpoint = identity.Public("connect/authorize"),
            EndSessionEndpoint = identity.Public("connect/logout"),
            TokenEndpoint = identity.Endpoint("token"),
            PushedAuthorizationRequestEndpoint = identity.Endpoint("par"),
            JwksUri = address,
            JsonWebKeySet = keys,
        };
        foreach (var key in keys.GetSigningKeys())
        {
            configuration.SigningKeys.Add(key);
        }

        return configuration;
    }
}
