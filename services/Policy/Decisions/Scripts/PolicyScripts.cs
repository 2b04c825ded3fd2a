namespace BotGeneric.Policy.Decisions.Scripts;

/// <summary>
/// The Lua scripts, one for each step of the protocol. The client sends a script's digest and loads the text only where a server does not know it.
/// </summary>
internal static class PolicyScripts
{
    private static readonly string Common = Read("common.lua");

    /// <summary>Decides and holds.</summary>
    internal static string Authorize { get; } = Common + Read("authorize.lua");

    /// <summary>Commits, releases, prolongs and looks at a hold.</summary>
    internal static string Settle { get; } = Common + Read("settle.lua");

    /// <summary>Carries what the ledger has accepted into the counters.</summary>
    internal static string Sync { get; } = Common + Read("sync.lua");

    /// <summary>Compares counters with holds.</summary>
    internal static string Inspect { get; } = Common + Read("inspect.lua");

    private static string Read(string name)
    {
        using var stream = typeof(PolicyScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
