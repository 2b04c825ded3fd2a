using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mail;
using System.Text;

namespace BotGeneric.Identity.Accounts;

/// <summary>E-mail addresses as people type them.</summary>
public static class EmailAddress
{
    /// <summary>How long an address can be (RFC 5321, section 4.5.3.1.3).</summary>
    public const int MaximumLength = 254;

    private const int MaximumLocalPart = 64;

    /// <summary>Whether the text is an address that mail can be sent to. Only sending proves that somebody reads it.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="address">The address without what does not belong to it.</param>
    public static bool TryRead(string? text, [NotNullWhen(true)] out string? address)
    {
        address = text?.Trim().Normalize(NormalizationForm.FormC);
        var at = address?.LastIndexOf('@') ?? -1;
        if (address is not { Length: > 0 and <= MaximumLength } || at is < 1 or > MaximumLocalPart
            || address.Any(character => char.IsWhiteSpace(character) || char.IsControl(character) || character is '"' or '<' or '>' or ',' or ';' or ':' or '(' or ')')
            || address.IndexOf('@', StringComparison.Ordinal) != at
            || !IsDomain(address[(at + 1)..])
            || !MailAddress.TryCreate(address, out var parsed) || parsed.Address != address)
        {
            address = null;
            return false;
        }

        return true;
    }

    /// <summary>The first character and the domain: recognised by those who know it, of no use to others.</summary>
    /// <param name="address">An address.</param>
    /// <returns><c>a•••@example.com</c>.</returns>
    public static string Mask(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        return at < 1 ? "•••" : $"{StringInfo.GetNextTextElement(address)}•••{address[at..]}";
    }

    private static bool IsDomain(string domain) =>
        domain.Length <= 253 && (domain.Contains('.', StringComparison.Ordinal) || domain == "localhost")
        && domain.Split('.').All(label => label is { Length: > 0 and <= 63 } && label[0] != '-' && label[^1] != '-');
}
