using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace BotGeneric.Identity.Domain;

/// <summary>What people may call something that others see too: themselves, an organization, a key.</summary>
internal static class PublicName
{
    internal const int MaximumLength = 100;

    /// <summary>Whether the text is a name, without the space around it.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="name">The name: 1 to 100 characters, one line, composed.</param>
    internal static bool TryRead(string? text, [NotNullWhen(true)] out string? name)
    {
        name = text?.Trim();
        // Half of a surrogate pair reads as U+FFFD, which nobody types.
        if (name is not { Length: > 0 and <= MaximumLength } || name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || TurnsText(rune)))
        {
            name = null;
            return false;
        }

        name = name.Normalize(NormalizationForm.FormC);
        return name.Length <= MaximumLength;
    }

    /// <summary>Whether a character could turn or break what stands around the name in a message or a table, unseen.</summary>
    /// <param name="rune">The character.</param>
    internal static bool TurnsText(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
