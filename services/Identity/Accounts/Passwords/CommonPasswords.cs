using System.Collections.Frozen;
using System.Text;

namespace BotGeneric.Identity.Accounts.Passwords;

/// <summary>Passwords that are tried first by whoever guesses: the list in <c>common-passwords.txt</c>.</summary>
public static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> Known = new(Read);

    /// <summary>How many the list holds.</summary>
    public static int Count => Known.Value.Count;

    /// <summary>Whether a password is on the list, in whatever case, or is little more than one character repeated.</summary>
    /// <param name="password">The password.</param>
    public static bool Contains(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        var folded = Fold(password);
        return Known.Value.Contains(folded) || folded.Distinct().Count() <= 2;
    }

    /// <summary>The form in which passwords are compared with lists and names.</summary>
    /// <param name="text">A text.</param>
    internal static string Fold(string text) => text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();

    private static FrozenSet<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("The list of common passwords is not part of the service.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var words = new HashSet<string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                words.Add(line);
            }
        }

        return words.ToFrozenSet(StringComparer.Ordinal);
    }
}
