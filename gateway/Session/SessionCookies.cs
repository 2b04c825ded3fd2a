namespace BotGeneric.Gateway.Session;

/// <summary>The session's cookie in the headers of a request.</summary>
internal static class SessionCookies
{
    /// <summary>Whether a cookie is the session's, by either name, so that a forged one of the other name does not travel on.</summary>
    internal static bool IsSession(ReadOnlySpan<char> name) =>
        name.SequenceEqual(SessionExtensions.SecureCookieName) || name.SequenceEqual(SessionExtensions.PlainCookieName);

    /// <summary>The header without the session's cookie.</summary>
    /// <returns>Null when nothing is left; the same text when it was not in there.</returns>
    internal static string? Without(string header)
    {
        if (!header.Contains(SessionExtensions.PlainCookieName, StringComparison.Ordinal))
        {
            return header;
        }

        var kept = header.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !IsSession(pair.AsSpan(0, pair.IndexOf('=', StringComparison.Ordinal) is >= 0 and var end ? end : pair.Length).Trim()));
        var joined = string.Join("; ", kept);
        return joined.Length == 0 ? null : joined;
    }
}
