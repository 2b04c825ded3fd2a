using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>The token and revocation endpoints, the same for every provider but for what the provider says.</summary>
internal static class TokenEndpoint
{
    /// <summary>Exchanges a code or a refresh token, RFC 6749 sections 4.1.3 and 6.</summary>
    internal static async Task<JsonHttpResult<JsonObject>> ExchangeAsync(
        SignInProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        // RFC 6749 section 5.1.
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Pragma = "no-cache";
        var (form, client, error) = await ReadAsync(provider, context, cancellationToken);
        if (error is not null || form is null || client is null)
        {
            return (error ?? OAuthError.Request("The request cannot be read.")).ToJson(context);
        }

        switch (form["grant_type"])
        {
            case "authorization_code":
                return ExchangeCode(provider, context, form, client);
            case "refresh_token" when provider.Refreshes:
                return provider.FindToken(form["refresh_token"]) is { IsRefresh: true } token && token.Grant.Request.Client == client
                    ? TypedResults.Json(provider.Issue(token.Grant, isRefresh: true))
                    : OAuthError.Grant("Token has been expired or revoked.").ToJson(context);
            case null:
                return OAuthError.Request("grant_type is missing.").ToJson(context);
            default:
                return new OAuthError("unsupported_grant_type", "Invalid grant_type.").ToJson(context);
        }
    }

    /// <summary>Revokes a token and with it the consent, for a client that proves itself.</summary>
    internal static async Task<Results<Ok, JsonHttpResult<JsonObject>>> RevokeAsync(
        SignInProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        var (form, client, error) = await ReadAsync(provider, context, cancellationToken);
        if (error is not null || form is null || client is null)
        {
            return (error ?? OAuthError.Request("The request cannot be read.")).ToJson(context);
        }

        if (form["token"] is not { } token)
        {
            return OAuthError.Request("token is missing.").ToJson(context);
        }

        // A token that is unknown, or another client's, is as good as revoked: RFC 7009 section 2.2.
        if (provider.FindToken(token) is { } issued && issued.Grant.Request.Client == client)
        {
            provider.Forget(client.ClientId, issued.Grant.Person.Subject);
        }

        return TypedResults.Ok();
    }

    private static async Task<(OAuthParameters? Form, ClientOptions? Client, OAuthError? Error)> ReadAsync(
        SignInProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        // What is in the address ends in logs, so RFC 6749 section 2.3.1 forbids it there.
        if (context.Request.Query.Count > 0)
        {
            return (null, null, OAuthError.Request("Parameters belong into the body."));
        }

        if (await OAuthParameters.OfFormAsync(context.Request, cancellationToken) is not { } form)
        {
            return (null, null, OAuthError.Request("The body must be application/x-www-form-urlencoded."));
        }

        if (form.Repeated is { } repeated)
        {
            return (null, null, OAuthError.Request($"Repeated parameter: {repeated}"));
        }

        var (client, error) = provider.Authenticate(context.Request, form);
        return (form, client, error);
    }

    private static JsonHttpResult<JsonObject> ExchangeCode(SignInProvider provider, HttpContext context, OAuthParameters form, ClientOptions client)
    {
        if (form["code"] is not { } code)
        {
            return OAuthError.Request("code is missing.").ToJson(context);
        }

        if (!provider.TryFindCode(code, out var grant) || grant is null || grant.Request.Client != client)
        {
            // Another client's attempt does not use the code up: it would let anybody who sees one spoil it.
            return OAuthError.Grant("The code has expired or has been revoked.").ToJson(context);
        }

        if (grant.FailsNow())
        {
            return new OAuthError("temporarily_unavailable", "Try again.", StatusCodes.Status503ServiceUnavailable).ToJson(context);
        }

        if (!grant.TryUse())
        {
            // Used twice, one of both is not the client: RFC 6749 section 4.1.2 asks for the tokens to be revoked.
            grant.Revoke();
            return OAuthError.Grant("The code has already been used.").ToJson(context);
        }

        if (form["redirect_uri"] != grant.Request.RedirectUri)
        {
            return provider.RedirectUriMismatch.ToJson(context);
        }

        return ProofKey.CheckVerifier(grant.Request, form["code_verifier"]) is { } error
            ? error.ToJson(context)
            : TypedResults.Json(provider.Issue(grant, isRefresh: false));
    }
}
