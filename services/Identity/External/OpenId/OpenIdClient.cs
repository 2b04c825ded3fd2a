using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BotGeneric.Identity.External.OpenId;

/// <summary>
/// The one client for all providers: the code flow with PKCE. Why not the framework's handlers: docs/decisions/0014.
/// </summary>
internal sealed partial class OpenIdClient(
    ProviderMetadata metadata, ProviderBackchannel backchannel, ProviderTokenValidator validator, AppleClientSecret appleSecret,
    IOptions<OriginOptions> origin, IOptions<UserSessionOptions> sessions, ILogger<OpenIdClient> logger)
{
    /// <summary>Where the browser is sent to.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="state">Its state.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The address; null when the provider cannot be reached.</returns>
    internal async Task<string?> AddressAsync(ExternalProvider provider, SignInAttempt attempt, string state, CancellationToken cancellationToken)
    {
        OpenIdConnectConfiguration configuration;
        try
        {
            configuration = await metadata.GetAsync(provider, cancellationToken);
        }
        catch (Exception exception) when (IsOutage(exception, cancellationToken))
        {
            LogAway(logger, exception, provider.Name);
            return null;
        }

        var query = new Dictionary<string, string?>
        {
            ["client_id"] = provider.ClientId,
            ["redirect_uri"] = RedirectAddress(provider),
            ["response_type"] = "code",
            ["scope"] = provider.Scope,
            ["state"] = state,
            ["nonce"] = attempt.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(attempt.CodeVerifier))),
            ["code_challenge_method"] = "S256",
        };
        if (provider.AnswersByPost)
        {
            query["response_mode"] = "form_post";
        }

        if (attempt.Purpose is SignInPurpose.Confirm)
        {
            // Telegram documents neither and answers what it does not know with an error.
            if (!provider.MayOmitNonce)
            {
                query["max_age"] = ((int)sessions.Value.Fresh.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            query["prompt"] = configuration.PromptValuesSupported.Contains("login") ? "login" : provider.AskingPrompt;
        }
        else if (attempt.Purpose is SignInPurpose.Link)
        {
            query["prompt"] = provider.AskingPrompt;
        }

        return QueryHelpers.AddQueryString(configuration.AuthorizationEndpoint, query.Where(parameter => parameter.Value is not null));
    }

    /// <summary>Exchanges the code of an attempt that was consumed.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="code">The code.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The id token, checked; null when the provider refuses, is away or says something that does not hold.</returns>
    internal async Task<JsonWebToken?> ExchangeAsync(ExternalProvider provider, SignInAttempt attempt, string code, CancellationToken cancellationToken)
    {
        try
        {
            var configuration = await metadata.GetAsync(provider, cancellationToken);
            using var request = ExchangeRequest(provider, configuration.TokenEndpoint, attempt, code);
            var (isSuccess, status, body) = await backchannel.SendAsync(request, cancellationToken);
            if (!isSuccess)
            {
                LogExchangeRefused(logger, provider.Name, status, ErrorOf(body));
                return null;
            }

            if (IdTokenOf(body) is not { } idToken)
            {
                LogExchangeRefused(logger, provider.Name, status, "no id token");
                return null;
            }

            return await validator.ReadIdTokenAsync(provider, idToken, attempt.Nonce, cancellationToken);
        }
        catch (Exception exception) when (IsOutage(exception, cancellationToken))
        {
            LogAway(logger, exception, provider.Name);
            return null;
        }
    }

    /// <summary>Whether the answer's <c>iss</c> (RFC 9207) is absent or the provider's: a code of another one is never sent to this one.</summary>
    internal static bool IsFrom(ExternalProvider provider, string? issuer) =>
        issuer is null || issuer.TrimEnd('/') == provider.Issuer || provider.OtherIssuers.Contains(issuer, StringComparer.Ordinal);

    internal static bool IsOutage(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or InvalidOperationException or IOException or ArgumentException or JsonException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private HttpRequestMessage ExchangeRequest(ExternalProvider provider, string endpoint, SignInAttempt attempt, string code)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = RedirectAddress(provider),
            ["code_verifier"] = attempt.CodeVerifier,
            ["client_id"] = provider.ClientId,
        };
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        switch (provider.Authentication)
        {
            case ClientAuthentication.Basic:
                // RFC 6749 section 2.3.1: each part is form-encoded first.
                var pair = $"{Uri.EscapeDataString(provider.ClientId)}:{Uri.EscapeDataString(provider.ClientSecret!)}";
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
                break;
            case ClientAuthentication.SignedPost:
                form["client_secret"] = appleSecret.Get();
                break;
            default:
                form["client_secret"] = provider.ClientSecret!;
                break;
        }

        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private string RedirectAddress(ExternalProvider provider) => origin.Value.Address(provider.CallbackPath).AbsoluteUri;

    private static string? IdTokenOf(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind is JsonValueKind.Object
            && document.RootElement.TryGetProperty("id_token", out var token) && token.ValueKind is JsonValueKind.String
                ? token.GetString()
                : null;
    }

    // Only a code of the standard's alphabet reaches the log.
    private static string ErrorOf(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty("error", out var error) && error.GetString() is { Length: <= 60 } text
                && text.All(character => char.IsAsciiLetterLower(character) || character == '_')
                    ? text
                    : "unknown";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "unknown";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in provider {Provider} does not answer as it should")]
    private static partial void LogAway(ILogger logger, Exception exception, string provider);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in provider {Provider} refused a code with {Status}: {Error}")]
    private static partial void LogExchangeRefused(ILogger logger, string provider, int status, string error);
}
