using System.Text.Json;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Revocation;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Session;

/// <summary>
/// OpenID Connect Back-Channel Logout 1.0: Identity posts a signed token that says which session, or whose sessions, are over. The same token
/// twice ends nothing that began after it was made.
/// </summary>
internal sealed class BackChannelLogout(
    IConfigurationManager<OpenIdConnectConfiguration> signingKeys,
    IOptions<IdentityOptions> identity,
    Revocations revocations,
    RedisTicketStore tickets,
    TimeProvider timeProvider)
{
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>Ends what a logout token names.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False when the token is not one.</returns>
    internal async Task<bool> EndAsync(string token, CancellationToken cancellationToken)
    {
        if (await ValidateAsync(token, cancellationToken) is not { } logout)
        {
            return false;
        }

        var subject = Text(logout, "sub");
        if (Text(logout, "sid") is { } session)
        {
            if (Guid.TryParse(session, out var id))
            {
                revocations.Session(id);
            }

            await tickets.RemoveSessionAsync(session);
            return true;
        }

        var issued = new DateTimeOffset(logout.IssuedAt, TimeSpan.Zero).AddSeconds(1).AddMilliseconds(-1);
        if (Guid.TryParse(subject, out var user))
        {
            revocations.User(user, issued);
        }

        await tickets.RemoveSubjectAsync(subject!, issued);
        return true;
    }

    private async Task<JsonWebToken?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var result = await CheckAsync(token, cancellationToken);
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            signingKeys.RequestRefresh();
            result = await CheckAsync(token, cancellationToken);
        }

        if (!result.IsValid || result.SecurityToken is not JsonWebToken logout)
        {
            return null;
        }

        var now = timeProvider.GetUtcNow();
        var issued = new DateTimeOffset(logout.IssuedAt, TimeSpan.Zero);
        return issued >= now - Freshness && issued <= now + Skew
            && Text(logout, "jti") is not null
            && (Text(logout, "sid") is not null || Text(logout, "sub") is not null)
            && !logout.TryGetPayloadValue<object>("nonce", out _)
            && logout.TryGetPayloadValue<JsonElement>("events", out var events)
            && events.ValueKind == JsonValueKind.Object
            && events.TryGetProperty(LogoutEvent, out var content) && content.ValueKind == JsonValueKind.Object
            ? logout
            : null;
    }

    private async Task<TokenValidationResult> CheckAsync(string token, CancellationToken cancellationToken)
    {
        var known = await signingKeys.GetConfigurationAsync(cancellationToken);
        return await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = identity.Value.NormalizedIssuer,
            ValidAudience = BrowserSessionOptions.ClientId,
            ValidTypes = ["logout+jwt"],
            IssuerSigningKeys = known.SigningKeys,
            // An expiry is recommended, not required; the age is looked at above in any case.
            RequireExpirationTime = false,
            ClockSkew = Skew,
        });
    }

    private static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<string>(claim, out var value) && !string.IsNullOrEmpty(value) ? value : null;
}
