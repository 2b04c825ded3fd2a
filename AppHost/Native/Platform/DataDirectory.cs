using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.AppHost.Native;

/// <summary>Where everything that survives a restart is kept: the servers' data, passwords, logs, records of running processes.</summary>
internal sealed class DataDirectory
{
    // Root's home and other private folders cannot be entered by the servers' accounts; this one can.
    private const string SharedRoot = "/var/lib/bot-generic";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public DataDirectory(string root)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new EngineException(
                "The native engine needs Linux.", "Use containers instead: dotnet run --project AppHost -p:UseAspire=true");
        }

        Root = Path.GetFullPath(root);
        IsNew = !Directory.Exists(Root);
        ServersPointer = Path.Combine(Root, "servers.location");
        try
        {
            // The servers' accounts pass through this folder on the way to their own; they cannot list it.
            CreateWithMode(Root, Libc.IsRoot ? Passable : OwnerOnly);
            Logs = Create("logs");
            Run = Create("run");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw NotWritable(exception);
        }
    }

    public string Root { get; }

    /// <summary>Whether it was made by this run.</summary>
    public bool IsNew { get; }

    public string Logs { get; }

    public string Run { get; }

    public string ParametersFile => Path.Combine(Root, "parameters.json");

    public string StateFile => Path.Combine(Root, "state.json");

    public string LockFile => Path.Combine(Root, "engine.lock");

    /// <summary>Holds the process id of the engine that has the lock.</summary>
    public string OwnerFile => Path.Combine(Root, "engine.pid");

    /// <summary>Holds the path of the servers' data when that is not inside this folder; run.sh --reset follows it.</summary>
    public string ServersPointer { get; }

    /// <summary>Why nothing can start when something in this folder is somebody else's.</summary>
    public EngineException NotWritable(UnauthorizedAccessException exception) => new(
        $"The data folder {Root} cannot be written: {exception.Message}",
        "It may belong to another user, who started before: start as that user, or choose another folder with --data <folder>", exception);

    /// <summary>The folder of one server's data, belonging to the account that the server runs under.</summary>
    public string ForServer(string name, SystemUser? user)
    {
        var folder = Path.Combine(ServersRoot(user), name);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }

        if (user is not null)
        {
            Libc.ChangeOwner(folder, user);
        }

        return folder;
    }

    private string ServersRoot(SystemUser? user)
    {
        var inside = Path.Combine(Root, "servers");
        if (user is null || user.CanReach(inside))
        {
            CreateWithMode(inside, user is null ? OwnerOnly : Passable);
            return inside;
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
        var outside = Path.Combine(SharedRoot, name);
        CreateWithMode(SharedRoot, Passable);
        CreateWithMode(outside, Passable);
        File.WriteAllText(ServersPointer, outside + "\n");
        return outside;
    }

    // The process's umask may take permissions away from what CreateDirectory is asked for.
    private static void CreateWithMode(string folder, UnixFileMode mode)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, mode);
        }
    }

    private string Create(string name)
    {
        var folder = Path.Combine(Root, name);
        Directory.CreateDirectory(folder, OwnerOnly);
        return folder;
    }
}
