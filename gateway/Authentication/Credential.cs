using BotGeneric.Contracts.Identity;

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
            return new Credential(IsKey(token) ? CredentialKind.Key : IsToken(token) ? CredentialKind.AccessToken : CredentialKind.Unreadable, token);
        }

        return request.Headers.TryGetValue(KeyHeader, out var key) && key.Count == 1 && key[0] is { Length: > 0 } text
            ? new Credential(IsKey(text) ? CredentialKind.Key : CredentialKind.Unreadable, text)
            : default;
    }

    private static bool IsKey(string text) => text.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal);

    private static bool IsToken(string text) => text.AsSpan().Count('.') == 2;
}
