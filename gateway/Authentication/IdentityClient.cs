using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Authentication;

/// <summary>What the token endpoint answers, RFC 6749 section 5 and the members that a key has besides.</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    [JsonPropertyName("id_token")]
    public string? IdToken { get; init; }

    [JsonPropertyName("expires_in")]
    public int ExpiresIn { get; init; }

    [JsonPropertyName("scope")]
    public string? Scope { get; init; }

    [JsonPropertyName("key_id")]
    public string? KeyId { get; init; }

    [JsonPropertyName("account_id")]
    public string? AccountId { get; init; }

    [JsonPropertyName("allowed_networks")]
    public IReadOnlyList<string>? AllowedNetworks { get; init; }

    [JsonPropertyName("requests_per_minute")]
    public int? RequestsPerMinute { get; init; }

    /// <summary>When the key itself ends, in seconds since 1970; null when it does not.</summary>
    [JsonPropertyName("key_expires_at")]
    public long? KeyExpiresAt { get; init; }
}

/// <summary>How a request to the token endpoint ended.</summary>
internal enum TokenOutcome
{
    /// <summary>There is a token.</summary>
    Granted,

    /// <summary>What was presented is not valid and will not become so.</summary>
    Refused,

    /// <summary>It was a valid key until the end that was set for it.</summary>
    Expired,

    /// <summary>Nobody knows: no answer, or one that says nothing about what was presented.</summary>
    Unavailable,
}

/// <summary>An outcome and, when granted, the answer.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Answer">The answer; null unless granted.</param>
internal readonly record struct TokenResult(TokenOutcome Outcome, TokenAnswer? Answer);

[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenError))]
internal sealed partial class TokenJson : JsonSerializerContext;

/// <summary>An error of the token endpoint.</summary>
/// <param name="Error">Its code.</param>
/// <param name="KeyState">Of a key: <c>expired</c> when that alone is wrong with it.</param>
internal sealed record TokenError([property: JsonPropertyName("error")] string? Error, [property: JsonPropertyName("key_state")] string? KeyState);

/// <summary>The gateway as a client of Identity.</summary>
/// <param name="client">The connection.</param>
/// <param name="identity">Where Identity is.</param>
/// <param name="session">The client's secret.</param>
/// <param name="outages">Tells when Identity does not answer.</param>
/// <param name="logger">Gets what is wrong with the gateway itself.</param>
internal sealed partial class IdentityClient(
    HttpClient client, IOptions<IdentityOptions> identity, IOptions<BrowserSessionOptions> session, ServiceOutages outages, ILogger<IdentityClient> logger)
{
    private const string KeyGrant = "urn:botgeneric:oauth:grant-type:api-key";

    /// <summary>Exchanges a refresh token for a new pair of tokens.</summary>
    internal Task<TokenResult> RefreshAsync(string refreshToken, CancellationToken cancellationToken) => AskAsync(
        [new("grant_type", "refresh_token"), new("refresh_token", refreshToken)], cancellationToken);

    /// <summary>Exchanges an API key for an access token.</summary>
    internal Task<TokenResult> ExchangeKeyAsync(string key, CancellationToken cancellationToken) => AskAsync(
        [new("grant_type", KeyGrant), new("api_key", key)], cancellationToken);

    /// <summary>Makes a refresh token worthless. Best effort: it also ends by itself.</summary>
    internal async Task RevokeAsync(string refreshToken, CancellationToken cancellationToken)
    {
        try
        {
            using var content = Form([new("token", refreshToken), new("token_type_hint", "refresh_token")]);
            using var response = await client.PostAsync(new Uri(identity.Value.Endpoint("revoke")), content, cancellationToken);
            outages.Answered(ServiceNames.Identity);
            if (!response.IsSuccessStatusCode)
            {
                LogRefused(logger, (int)response.StatusCode, null);
            }
        }
        catch (Exception exception) when (IsOutage(exception, cancellationToken))
        {
            outages.Failed(ServiceNames.Identity, exception.GetType().Name, exception.GetBaseException().Message);
        }
    }

    private async Task<TokenResult> AskAsync(IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        try
        {
            using var content = Form(parameters);
            using var response = await client.PostAsync(new Uri(identity.Value.Endpoint("token")), content, cancellationToken);
            outages.Answered(ServiceNames.Identity);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                var answer = await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, cancellationToken);
                return answer is { AccessToken.Length: > 0, ExpiresIn: > 0 }
                    ? new TokenResult(TokenOutcome.Granted, answer)
                    : new TokenResult(TokenOutcome.Unavailable, null);
            }

            var error = response.StatusCode == HttpStatusCode.BadRequest
                ? await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenError, cancellationToken)
                : null;
            if (error?.Error == "invalid_grant")
            {
                return new TokenResult(error.KeyState == "expired" ? TokenOutcome.Expired : TokenOutcome.Refused, null);
            }

            // Anything else is about the gateway, not about what was presented: a wrong secret must not sign everybody out.
            LogRefused(logger, (int)response.StatusCode, error?.Error);
        }
        catch (Exception exception) when (IsOutage(exception, cancellationToken))
        {
            outages.Failed(ServiceNames.Identity, exception.GetType().Name, exception.GetBaseException().Message);
        }

        return new TokenResult(TokenOutcome.Unavailable, null);
    }

    private FormUrlEncodedContent Form(IEnumerable<KeyValuePair<string, string>> parameters) => new(
        [new("client_id", BrowserSessionOptions.ClientId), new("client_secret", session.Value.ClientSecret), .. parameters]);

    private static bool IsOutage(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or JsonException or NotSupportedException or IOException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    [LoggerMessage(Level = LogLevel.Error, Message = "The token server answered {Status} {Error} to the gateway. Is Session:ClientSecret the secret that identity knows?")]
    private static partial void LogRefused(ILogger logger, int status, string? error);
}
