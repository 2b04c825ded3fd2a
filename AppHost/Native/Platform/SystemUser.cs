namespace BotGeneric.AppHost.Native;

/// <summary>An account of the operating system that a server runs under when the engine itself runs as root.</summary>
internal sealed record SystemUser(string Name, uint UserId, uint GroupId)
{
    /// <summary>
    /// The account to run a server under: null for an ordinary user, who runs everything as himself; for root the first of
    /// <paramref name="preferred"/> that exists, else nobody. PostgreSQL refuses root, and the others have no need of it.
    /// </summary>
    public static SystemUser? ForServer(params ReadOnlySpan<string> preferred)
    {
        if (!Libc.IsRoot)
        {
            return null;
        }

        var accounts = File.ReadLines("/etc/passwd").Select(Parse).OfType<SystemUser>().ToDictionary(user => user.Name);
        foreach (var name in preferred)
        {
            if (accounts.TryGetValue(name, out var user))
            {
                return user;
            }
        }

        return accounts.GetValueOrDefault("nobody") ?? throw new EngineException(
            "The servers must not run as root, and this system has no account to run them under.",
            "Start as an ordinary user, or create the account 'nobody'.");
    }

    /// <summary>Whether this account can reach a path: every folder above it is searchable by all, or belongs to the account.</summary>
    public bool CanReach(string path)
    {
        for (var folder = Path.GetDirectoryName(Path.GetFullPath(path)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(folder) && !File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static SystemUser? Parse(string line)
    {
        var fields = line.Split(':');
        return fields.Length >= 4 && uint.TryParse(fields[2], out var user) && uint.TryParse(fields[3], out var group)
            ? new SystemUser(fields[0], user, group)
            : null;
    }
}
