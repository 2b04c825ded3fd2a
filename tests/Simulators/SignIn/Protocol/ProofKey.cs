using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>Proof key for code exchange, RFC 7636.</summary>
internal static partial class ProofKey
{
    internal const string Sha256Method = "S256";

    /// <summary>What is wrong with the challenge of a request; null when nothing is.</summary>
    internal static OAuthError? CheckChallenge(OAuthParameters parameters, bool isRequired, bool allowsPlain)
    {
        if (parameters["code_challenge"] is not { } challenge)
        {
            return isRequired || parameters["code_challenge_method"] is not null ? OAuthError.Request("code_challenge is missing.") : null;
        }

        var method = parameters["code_challenge_method"] ?? "plain";
        if (method != Sha256Method && !(allowsPlain && method == "plain"))
        {
            return OAuthError.Request("code_challenge_method must be S256.");
        }

        return Shape().IsMatch(challenge) && (method != Sha256Method || challenge.Length == 43)
            ? null
            : OAuthError.Request("code_challenge does not have the shape that RFC 7636 gives it.");
    }

    /// <summary>What is wrong with the verifier; null when nothing is.</summary>
    internal static OAuthError? CheckVerifier(AuthorizeRequest request, string? verifier)
    {
        if (request.CodeChallenge is not { } challenge)
        {
            // A client that sends one believes that the code is protected. RFC 9700 section 4.8.2 asks servers to refuse.
            return verifier is null ? null : OAuthError.Grant("code_verifier was sent, but the authorization request had no code_challenge.");
        }

        if (verifier is null)
        {
            return OAuthError.Grant("Missing code verifier.");
        }

        var computed = request.CodeChallengeMethod == Sha256Method
            ? Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))
            : verifier;
        return Shape().IsMatch(verifier) && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(computed), Encoding.ASCII.GetBytes(challenge))
            ? null
            : OAuthError.Grant("Invalid code verifier.");
    }

    [GeneratedRegex("^[A-Za-z0-9._~-]{43,128}$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
