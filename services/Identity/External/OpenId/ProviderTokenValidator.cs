using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.External.OpenId;

/// <summary>Checks tokens that a provider signed.</summary>
internal sealed partial class ProviderTokenValidator(ProviderMetadata metadata, TimeProvider time, ILogger<ProviderTokenValidator> logger)
{
    private const int MaximumCharacters = 32 * 1024;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);
    private static readonly string[] Algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaximumCharacters };

    /// <summary>An id token (OpenID Connect Core 3.1.3.7) that is to carry the nonce of an attempt.</summary>
    /// <returns>The token; null when it does not hold.</returns>
    internal async Task<JsonWebToken?> ReadIdTokenAsync(ExternalProvider provider, string text, string nonce, CancellationToken cancellationToken)
    {
        if (await ReadAsync(provider, text, mustExpire: true, cancellationToken) is not { } token)
        {
            return null;
        }

        var problem = Check(provider, token, nonce);
        if (problem is not null)
        {
            LogRefused(logger, provider.Name, problem);
            return null;
        }

        return token;
    }

    /// <summary>Another signed message of a provider, with its issuer and for us.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="text">The token.</param>
    /// <param name="mustExpire">Whether a token without an end is refused.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The token; null when it does not hold.</returns>
    internal async Task<JsonWebToken?> ReadAsync(ExternalProvider provider, string text, bool mustExpire, CancellationToken cancellationToken)
    {
        var result = await ValidateAsync(provider, text, mustExpire, await metadata.GetAsync(provider, cancellationToken));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            result = await ValidateAsync(provider, text, mustExpire, await metadata.RenewAsync(provider, cancellationToken));
        }

        if (!result.IsValid)
        {
            // The message of the exception may quote the token.
            LogRefused(logger, provider.Name, result.Exception?.GetType().Name ?? "unknown");
            return null;
        }

        return (JsonWebToken)result.SecurityToken;
    }

    internal static string? Text(JsonWebToken token, string claim) =>
        token.TryGetClaim(claim, out var found) && !string.IsNullOrEmpty(found.Value) ? found.Value : null;

    internal static DateTimeOffset? Time(JsonWebToken token, string claim) =>
        long.TryParse(Text(token, claim), out var seconds) && seconds is >= 0 and <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private Task<TokenValidationResult> ValidateAsync(ExternalProvider provider, string text, bool mustExpire, OpenIdConnectConfiguration configuration) =>
        Handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuers = [configuration.Issuer, .. provider.OtherIssuers],
            ValidAudience = provider.ClientId,
            ValidAlgorithms = Algorithms,
            IssuerSigningKeys = configuration.SigningKeys,
            RequireSignedTokens = true,
            RequireExpirationTime = mustExpire,
            LifetimeValidator = (notBefore, expires, _, _) =>
            {
                // A time that is missing comes as null or, after a signature that no known key made, as the first of all times.
                var now = time.GetUtcNow().UtcDateTime;
                return (expires is null || expires == DateTime.MinValue ? !mustExpire : now - Skew < expires)
                    && (notBefore is null || now + Skew >= notBefore);
            },
        });

    private string? Check(ExternalProvider provider, JsonWebToken token, string nonce)
    {
        if (Text(token, "sub") is not { Length: <= 255 })
        {
            return "subject";
        }

        if (Time(token, "iat") is not { } issuedAt || issuedAt > time.GetUtcNow() + Skew)
        {
            return "issued-at";
        }

        var authorizedParty = Text(token, "azp");
        if (authorizedParty is null ? token.Audiences.Skip(1).Any() : authorizedParty != provider.ClientId)
        {
            return "authorized-party";
        }

        var sent = Text(token, "nonce");
        return sent == nonce || (sent is null && provider.MayOmitNonce) ? null : "nonce";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A token of the sign-in provider {Provider} is refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string provider, string reason);
}
