namespace BotGeneric.Identity.Accounts;

/// <summary>Where a page may send somebody afterwards: to a path of our own origin and nowhere else.</summary>
public static class ReturnAddress
{
    private const int MaximumLength = 2000;

    /// <summary>Whether the text is a path of ours, in every browser's reading of it.</summary>
    /// <param name="address">What was sent.</param>
    public static bool IsLocal(string? address) =>
        address is { Length: > 0 and <= MaximumLength }
        && address[0] == '/'
        // Browsers read "//host", "/\host" and, after dropping tabs and line breaks, "/<tab>/host" as another site.
        && (address.Length == 1 || (address[1] != '/' && address[1] != '\\'))
        && !address.Any(character => char.IsControl(character) || character == '\\');

    /// <summary>The address if it is a path of ours, else the other one.</summary>
    /// <param name="address">What was sent.</param>
    /// <param name="otherwise">A path of ours.</param>
    public static string OrElse(string? address, string otherwise = "/account") => IsLocal(address) ? address! : otherwise;
}
