using System.Security.Claims;
using System.Security.Cryptography;
using BotGeneric.Contracts.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>The token endpoint: codes, refresh tokens and keys.</summary>
public sealed partial class FakeIdentity
{
    private async Task TokenAsync(HttpContext context)
    {
        var form = await FormAsync(context);
        if (!IsClient(form))
        {
            await ErrorAsync(context, 401, "invalid_client");
            return;
        }

        var grant = form["grant_type"];
        _ = grant switch
        {
            "refresh_token" => Interlocked.Increment(ref _refreshes),
            "authorization_code" => 0,
            _ => Interlocked.Increment(ref _exchanges),
        };
        // What is chosen from here on, an exchange that is under way knows nothing of.
        var chosen = new Dictionary<string, string>(_organizations);
        if (BeforeToken is { } wait)
        {
            await wait();
        }

        if (TokenStatus is { } status)
        {
            await ErrorAsync(context, status, "server_error");
            return;
        }

        await (grant switch
        {
            "authorization_code" => RedeemAsync(context, form),
            "refresh_token" => RefreshAsync(context, form, chosen),
            _ => ExchangeAsync(context, form),
        });
    }

    private Task RedeemAsync(HttpContext context, Dictionary<string, string> form)
    {
        if (!_codes.TryRemove(form["code"], out var request)
            || request["redirect_uri"] != form["redirect_uri"]
            || Base64UrlEncoder.Encode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(form["code_verifier"]))) != request["code_challenge"])
        {
            return ErrorAsync(context, 400, "invalid_grant");
        }

        var session = Guid.CreateVersion7();
        Sessions.Enqueue(session);
        var idToken = Token("JWT", ["gateway"], TimeSpan.FromMinutes(5),
        [
            new Claim("sub", Subject.ToString()), new Claim("sid", session.ToString()), new Claim("name", "Olena"), new Claim("amr", "pwd"),
            new Claim("nonce", request["nonce"]),
        ]);
        return IssueAsync(context, Subject.ToString(), session.ToString(), idToken);
    }

    private Task RefreshAsync(HttpContext context, Dictionary<string, string> form, Dictionary<string, string> chosen)
    {
        if (RefusesRefresh || !_refreshTokens.TryRemove(form["refresh_token"], out var session))
        {
            if (!RefusesRefresh)
            {
                Interlocked.Increment(ref _reuses);
            }

            return ErrorAsync(context, 400, "invalid_grant");
        }

        return IssueAsync(context, session.Subject, session.Session, idToken: null, chosen.GetValueOrDefault(session.Session));
    }

    private Task IssueAsync(HttpContext context, string subject, string session, string? idToken, string? organization = null)
    {
        var refreshToken = Guid.NewGuid().ToString("N");
        _refreshTokens[refreshToken] = (subject, session);
        List<Claim> claims = [new("sub", subject), new("sid", session), new("scope", Scope), new("jti", Guid.NewGuid().ToString())];
        if (Role is not null)
        {
            claims.Add(new Claim("role", Role));
        }

        if (organization is not null)
        {
            claims.Add(new Claim(ApiClaims.Organization, organization));
        }

        return context.Response.WriteAsJsonAsync(new Dictionary<string, object?>
        {
            ["access_token"] = AccessToken([.. claims]),
            ["refresh_token"] = refreshToken,
            ["id_token"] = idToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)TokenLifetime.TotalSeconds,
        }.Where(member => member.Value is not null).ToDictionary());
    }

    private Task ExchangeAsync(HttpContext context, Dictionary<string, string> form)
    {
        if (form["grant_type"] != "urn:botgeneric:oauth:grant-type:api-key" || !Keys.TryGetValue(form["api_key"], out var key))
        {
            return ErrorAsync(context, 400, "invalid_grant");
        }

        if (key.HasExpired)
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new { error = "invalid_grant", error_description = "The key has expired.", key_state = "expired" });
        }

        ApiKeyFormat.TryParse(form["api_key"], out var id);
        List<Claim> claims = [new("sub", key.Account.ToString()), new("scope", key.Scope ?? Scope), new(ApiClaims.KeyId, id!)];
        if (Role is not null)
        {
            claims.Add(new Claim(ApiClaims.Role, Role));
        }

        return context.Response.WriteAsJsonAsync(new
        {
            access_token = AccessToken([.. claims]),
            token_type = "Bearer",
            expires_in = (int)TokenLifetime.TotalSeconds,
            scope = key.Scope ?? Scope,
            key_id = id,
            account_id = key.Account.ToString(),
            allowed_networks = key.Networks,
            requests_per_minute = key.PerMinute,
            key_expires_at = key.ExpiresAt?.ToUnixTimeSeconds(),
        });
    }
}
