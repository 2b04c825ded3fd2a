namespace BotGeneric.AppHost.Native;

/// <summary>Which passwords the engine gives to a server.</summary>
internal static class ServerPassword
{
    // A password stands in connection strings, URIs, SQL and configuration files, each of which quotes in a way of its own;
    // these characters mean themselves in all of them.
    private const string Punctuation = "._~-";

    /// <summary>The password, when it can stand everywhere as it is.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    public static string Require(string parameter, string? value) =>
        value is { Length: > 0 } && value.All(character => char.IsAsciiLetterOrDigit(character) || Punctuation.Contains(character))
            ? value
            : throw new EngineException(
                $"The password '{parameter}' is empty or has characters that it must not have.",
                $"Use letters, digits and {string.Join(' ', Punctuation.ToCharArray())} only in Parameters:{parameter}, or leave it out: a password is then generated.");
}
