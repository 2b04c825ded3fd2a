using BotGeneric.Contracts.Identity;
using Microsoft.Extensions.Primitives;

namespace BotGeneric.Gateway.Authentication;

/// <summary>What a request presents as its credential, before anybody has looked whether it is one.</summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="Value">The key or token.</param>
internal readonly record struct Credential(CredentialKind Kind, string? Value)
{
    /// <summary>The header for keys of callers that cannot set <c>Authorization</c>.</summary>
    internal const string KeyHeader = "X-Api-Key";

    private const string Bearer = "Bearer ";

    internal static Credential Read(HttpRequest request)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var token = value[Bearer.Length..];
            return new Credential(KindOf(token), token);
        }

        StringValues key = default;
        return request.Headers.TryGetValue(KeyHeader, out key) && key.Count == 1 && key[0] is { Length: > 0 } text
            ? new Credential(text.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal) ? CredentialKind.Key : CredentialKind.Development, text)
            : default;
    }

    private static CredentialKind KindOf(string token)
    {
        if (token.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal))
        {
            return CredentialKind.Key;
        }

        return token.AsSpan().Count('.') == 2 ? CredentialKind.AccessToken : CredentialKind.Development;
    }
}
