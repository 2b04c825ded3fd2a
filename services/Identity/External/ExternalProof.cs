using System.Globalization;
using System.Text.Json.Serialization;
using BotGeneric.Identity.Domain;

namespace BotGeneric.Identity.External;

/// <summary>What a provider said, after its signature was checked.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Subject">The subject of its id tokens; null when the proof was no id token.</param>
/// <param name="ProviderUserId">The id in its own API; null where there is none.</param>
/// <param name="Email">The address it named.</param>
/// <param name="EmailVerified">Whether it says that it verified the address.</param>
/// <param name="DisplayName">The name it gave.</param>
internal sealed record ExternalProof(string Provider, string? Subject, string? ProviderUserId, string? Email, bool EmailVerified, string? DisplayName)
{
    private const int MaximumEmail = 256;

    /// <summary>The address, if the provider verified it. Any other counts as none: it says nothing about who this is.</summary>
    [JsonIgnore]
    internal string? VerifiedEmail => EmailVerified ? Email : null;

    /// <summary>A name as it can be shown: without what turns or breaks the text around it, of at most 100 characters; null when nothing is left.</summary>
    internal static string? CleanName(string? name)
    {
        if (name is null)
        {
            return null;
        }

        var clean = string.Concat(name.EnumerateRunes().Where(rune => !PublicName.TurnsText(rune))).Trim();
        if (clean.Length > PublicName.MaximumLength)
        {
            // Not in the middle of what a reader sees as one character.
            var end = StringInfo.ParseCombiningCharacters(clean).Last(start => start <= PublicName.MaximumLength);
            clean = clean[..end].TrimEnd();
        }

        return clean.Length == 0 ? null : clean;
    }

    /// <summary>An address that can be stored; null otherwise.</summary>
    internal static string? CleanEmail(string? email) =>
        email?.Trim() is { Length: > 2 and <= MaximumEmail } trimmed && trimmed.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
        && at < trimmed.Length - 1 && !trimmed.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            ? trimmed
            : null;
}
