using MimeKit;

namespace BotGeneric.Notifications.Security;

/// <summary>What is an e-mail address, and how it is shown where it must not be read.</summary>
public static class MailAddress
{
    // RFC 5321, 4.5.3.1: a path of 256 octets with its angle brackets, a local part of 64.
    private const int MaximumLength = 254;
    private const int MaximumLocalPart = 64;

    /// <summary>Reads an address: one, bare, without a name, comments or line breaks.</summary>
    /// <param name="text">What was sent.</param>
    /// <returns>The address, or null when it is none.</returns>
    public static MailboxAddress? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaximumLength || text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))
            || !MailboxAddress.TryParse(text, out var mailbox) || mailbox.Address != text)
        {
            return null;
        }

        var at = text.LastIndexOf('@');
        return at is > 0 and <= MaximumLocalPart && at < text.Length - 1 ? mailbox : null;
    }

    /// <summary>The first letter and the domain: <c>a•••@example.com</c>.</summary>
    /// <param name="address">An address.</param>
    public static string Mask(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        return at < 1 ? "•••" : $"{System.Globalization.StringInfo.GetNextTextElement(address)}•••{address[at..]}";
    }
}
