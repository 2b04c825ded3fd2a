using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>How a client proves itself at the token endpoint, RFC 6749 section 2.3.1.</summary>
internal static class ClientCredentials
{
    internal static readonly OAuthError Unknown = new(OAuthError.InvalidClient, "The OAuth client was not found, or its secret is wrong.", StatusCodes.Status401Unauthorized)
    {
        Challenge = "Basic realm=\"token\"",
    };

    /// <summary>Reads <c>Authorization: Basic</c>, whose halves are form-encoded.</summary>
    internal static bool TryReadBasic(HttpRequest request, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out string? secret)
    {
        (id, secret) = (null, null);
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !"Basic".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
            || header.Parameter is not { } encoded)
        {
            return false;
        }

        var buffer = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, buffer, out var length)
            || Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is not [var first, var second])
        {
            return false;
        }

        (id, secret) = (Decode(first), Decode(second));
        return true;
    }

    internal static bool AreEqual(string sent, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(expected));

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
