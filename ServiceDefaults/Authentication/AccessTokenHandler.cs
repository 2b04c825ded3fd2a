using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// The framework's handler, which is not asked again about a token that it has found good a moment ago (<see cref="ValidatedTokens"/>). Its events
/// <c>MessageReceived</c> and <c>TokenValidated</c> are not raised for such a token.
/// </summary>
/// <param name="options">What makes a token good.</param>
/// <param name="logger">The framework's log.</param>
/// <param name="encoder">Asked for by the framework.</param>
/// <param name="tokens">The tokens that are known.</param>
internal sealed class AccessTokenHandler(IOptionsMonitor<JwtBearerOptions> options, ILoggerFactory logger, UrlEncoder encoder, ValidatedTokens tokens)
    : JwtBearerHandler(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var token = Presented();
        if (token.IsEmpty || Options.ConfigurationManager is not SigningKeys source)
        {
            return base.HandleAuthenticateAsync();
        }

        var now = TimeProvider.GetUtcNow();
        var keys = source.Peek(now);
        return keys is not null && tokens.Find(token, keys, now) is { } known ? Task.FromResult(Succeed(known)) : ValidateAsync(token.ToString(), keys);
    }

    private async Task<AuthenticateResult> ValidateAsync(string token, OpenIdConnectConfiguration? keys)
    {
        var result = await base.HandleAuthenticateAsync();
        if (!result.Succeeded || result.Principal.Identity is not ClaimsIdentity found)
        {
            return result;
        }

        var identity = new ValidatedIdentity(found);
        if (keys is not null && result.Properties?.ExpiresUtc is { } expires)
        {
            tokens.Add(token, identity, keys, expires, TimeProvider.GetUtcNow());
        }

        return Succeed(identity);
    }

    private AuthenticateResult Succeed(ValidatedIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));

    // What the framework would take for the token.
    private ReadOnlySpan<char> Presented() =>
        Request.Headers.Authorization is [{ } header] && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header.AsSpan(Prefix.Length).Trim() : default;
}
