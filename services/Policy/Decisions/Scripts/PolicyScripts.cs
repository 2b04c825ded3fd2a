using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Policy.Decisions.Scripts;

/// <summary>The Lua scripts, one for each step of the protocol.</summary>
internal static class PolicyScripts
{
    private static readonly string Head = Read("head.lua");
    private static readonly string Holds = Read("counters.lua") + Read("holds.lua");

    /// <summary>Decides and holds. What is rarely needed is defined when it is needed: a script begins anew each time, and defining costs.</summary>
    internal static PolicyScript Authorize { get; } = new(
        $$"""
        {{Head}}
        local defined
        local function library()
          defined = defined or (function()
        {{Holds}}
        {{Read("sums.lua")}}
        {{Read("extend.lua")}}
            return { sweep = sweep, take = take, extend = extend }
          end)()
          return defined
        end
        {{Read("authorize.lua")}}
        """);

    /// <summary>Commits, releases, prolongs and looks at a hold.</summary>
    internal static PolicyScript Settle { get; } = new(Head + Holds + Read("settle.lua"));

    /// <summary>Carries what the ledger has accepted into the counters.</summary>
    internal static PolicyScript Sync { get; } = new(Head + Holds + Read("sync.lua"));

    /// <summary>Compares counters with holds.</summary>
    internal static PolicyScript Inspect { get; } = new(Head + Holds + Read("inspect.lua"));

    private static string Read(string name)
    {
        using var stream = typeof(PolicyScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>A script.</summary>
/// <param name="text">Its text, sent to a server that does not know it.</param>
internal sealed class PolicyScript(string text)
{
    /// <summary>The text.</summary>
    internal string Text { get; } = text;

    /// <summary>What servers know it by.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by this digest.")]
    internal byte[] Digest { get; } = SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
