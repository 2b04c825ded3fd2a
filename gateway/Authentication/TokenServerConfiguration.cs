using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Authentication;

/// <summary>
/// What a discovery document would say. The addresses are known, and differ by who asks: the browser goes to the public origin, the gateway
/// to Identity itself. Only the signing keys are fetched, by what every process has for it.
/// </summary>
internal sealed class TokenServerConfiguration : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>
{
    private readonly IConfigurationManager<OpenIdConnectConfiguration> _keys;
    private readonly IdentityOptions _identity;

    public TokenServerConfiguration(IConfigurationManager<OpenIdConnectConfiguration> keys, IOptions<IdentityOptions> identity)
    {
        _keys = keys;
        _identity = identity.Value;
        // A key that was withdrawn must not go on to be accepted here.
        UseLastKnownGoodConfiguration = false;
    }

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration
        {
            Issuer = _identity.NormalizedIssuer,
            AuthorizationEndpoint = _identity.Public("connect/authorize"),
            EndSessionEndpoint = _identity.Public("connect/logout"),
            TokenEndpoint = _identity.Endpoint("token"),
            PushedAuthorizationRequestEndpoint = _identity.Endpoint("par"),
        };
        foreach (var key in (await _keys.GetConfigurationAsync(cancel)).SigningKeys)
        {
            configuration.SigningKeys.Add(key);
        }

        return configuration;
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    public override void RequestRefresh() => _keys.RequestRefresh();
}
