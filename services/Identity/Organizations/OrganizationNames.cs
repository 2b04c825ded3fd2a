using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BotGeneric.Identity.Organizations;

/// <summary>What people may call something that others see too: an organization, a key.</summary>
internal static class OrganizationNames
{
    internal const int MaximumLength = 100;

    /// <summary>Whether the text is a name, without the space around it.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="name">The name: 1 to 100 characters, one line, composed.</param>
    internal static bool TryRead(string? text, [NotNullWhen(true)] out string? name)
    {
        name = text?.Trim();
        // Control and formatting characters could turn what stands around the name in a message or a table.
        if (name is not { Length: > 0 and <= MaximumLength } || name.EnumerateRunes().Any(IsInvisible))
        {
            name = null;
            return false;
        }

        try
        {
            name = name.Normalize(NormalizationForm.FormC);
            return name.Length <= MaximumLength;
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair.
            name = null;
            return false;
        }
    }

    private static bool IsInvisible(Rune rune) => rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
