using System.Globalization;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Gateway.Session;

/// <summary>What a session's ticket holds: who it is, for the gateway's own decisions, and the tokens, for the services.</summary>
internal static class SessionTicket
{
    internal const string AccessToken = "access_token";
    internal const string RefreshToken = "refresh_token";
    internal const string IdToken = "id_token";

    private const string ExpiresAt = "expires_at";
    private const string KeyItem = ".session.key";
    private const string SinceItem = ".session.since";
    private const string AskedItem = ".session.asked";

    // What a page may be told about a person, and what the gateway decides by. Everything else stays in the tokens.
    private static readonly string[] FromIdToken = ["sub", "sid", "name", "amr", "auth_time"];
    private static readonly string[] FromAccessToken = ["scope", ApiClaims.Role, ApiClaims.Organization, ApiClaims.OrganizationRole];

    /// <summary>The ticket of a sign-in.</summary>
    /// <param name="idToken">The claims of the id_token.</param>
    /// <param name="properties">The properties, with the tokens in them.</param>
    /// <param name="now">The time of the sign-in.</param>
    /// <param name="lifetime">How long the session may last.</param>
    internal static ClaimsPrincipal Begin(ClaimsPrincipal idToken, AuthenticationProperties properties, DateTimeOffset now, TimeSpan lifetime)
    {
        properties.IsPersistent = true;
        properties.AllowRefresh = false;
        properties.IssuedUtc = now;
        properties.ExpiresUtc = now + lifetime;
        properties.SetMoment(SinceItem, now);
        properties.SetMoment(AskedItem, now);
        return Principal(
            idToken.Claims.Where(claim => FromIdToken.Contains(claim.Type, StringComparer.Ordinal)), properties.GetTokenValue(AccessToken));
    }

    /// <summary>The same session with new tokens. Roles and scopes follow the new access token: a right that was taken away is gone with the old one.</summary>
    /// <param name="ticket">The session so far.</param>
    /// <param name="answer">The tokens.</param>
    /// <param name="asked">When they were asked for: they know nothing that happened later.</param>
    internal static AuthenticationTicket Renew(AuthenticationTicket ticket, TokenAnswer answer, DateTimeOffset asked)
    {
        var properties = ticket.Properties.Clone();
        properties.SetMoment(AskedItem, asked);
        properties.StoreTokens(
        [
            new AuthenticationToken { Name = AccessToken, Value = answer.AccessToken! },
            new AuthenticationToken { Name = RefreshToken, Value = answer.RefreshToken ?? ticket.Properties.GetTokenValue(RefreshToken)! },
            new AuthenticationToken { Name = IdToken, Value = answer.IdToken ?? ticket.Properties.GetTokenValue(IdToken)! },
            new AuthenticationToken { Name = ExpiresAt, Value = asked.AddSeconds(answer.ExpiresIn).ToString("o", CultureInfo.InvariantCulture) },
        ]);
        var principal = Principal(
            ticket.Principal.Claims.Where(claim => FromIdToken.Contains(claim.Type, StringComparer.Ordinal)), answer.AccessToken);
        return new AuthenticationTicket(principal, properties, ticket.AuthenticationScheme);
    }

    internal static DateTimeOffset TokenExpiry(this AuthenticationProperties properties) =>
        DateTimeOffset.TryParse(properties.GetTokenValue(ExpiresAt), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var expiry)
            ? expiry
            : DateTimeOffset.MinValue;

    /// <summary>When the person signed in.</summary>
    internal static DateTimeOffset Since(this AuthenticationProperties properties) => properties.Moment(SinceItem);

    /// <summary>When the access token was asked for.</summary>
    internal static DateTimeOffset TokenAsked(this AuthenticationProperties properties) => properties.Moment(AskedItem);

    internal static string? Key(this AuthenticationProperties properties) => properties.Items.TryGetValue(KeyItem, out var key) ? key : null;

    internal static void SetKey(this AuthenticationProperties properties, string key) => properties.Items[KeyItem] = key;

    /// <summary>Claims of an access token that came from the token server itself; none of one that is not a JWT.</summary>
    internal static IEnumerable<Claim> ClaimsOf(string? accessToken) =>
        accessToken is not null && new JsonWebTokenHandler { MaximumTokenSizeInBytes = 64 * 1024 }.CanReadToken(accessToken)
            ? new JsonWebToken(accessToken).Claims
            : [];

    private static DateTimeOffset Moment(this AuthenticationProperties properties, string item) =>
        properties.Items.TryGetValue(item, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.MinValue;

    private static void SetMoment(this AuthenticationProperties properties, string item, DateTimeOffset moment) =>
        properties.Items[item] = moment.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static ClaimsPrincipal Principal(IEnumerable<Claim> identity, string? accessToken) => new(new ClaimsIdentity(
        identity.Concat(ClaimsOf(accessToken).Where(claim => FromAccessToken.Contains(claim.Type, StringComparer.Ordinal)))
            .Select(claim => new Claim(claim.Type, claim.Value)),
        EdgeSchemes.Session,
        nameType: "name",
        roleType: ApiClaims.Role));
}
