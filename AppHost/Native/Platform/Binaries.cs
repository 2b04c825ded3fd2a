namespace BotGeneric.AppHost.Native;

/// <summary>Finds the programs that the engine starts.</summary>
internal static class Binaries
{
    /// <summary>Environment variable: the only folder to look for the servers' programs in, for an installation of one's own.</summary>
    public const string ServerFolderVariable = "BOTGENERIC_SERVER_FOLDER";

    // sbin folders are missing from an ordinary user's PATH on Debian.
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The full path of a program from PATH or the system's folders; null when it is not installed.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(SystemFolders)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>The full path of one of the servers' programs; null when it is not installed.</summary>
    /// <param name="name">The name of the program.</param>
    /// <param name="preferredPath">Where the distribution keeps it, when that is not on PATH.</param>
    public static string? FindServer(string name, string? preferredPath = null)
    {
        if (ServerFolder is { } folder)
        {
            var program = Path.Combine(folder, name);
            return File.Exists(program) ? program : null;
        }

        return preferredPath is not null && File.Exists(preferredPath) ? preferredPath : Find(name);
    }

    /// <summary>The only folder to look for the servers' programs in; null for the system's folders.</summary>
    public static string? ServerFolder => Environment.GetEnvironmentVariable(ServerFolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The dotnet host that runs this very process's runtime, else the one on PATH.</summary>
    public static string DotNet()
    {
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var besideRuntime = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        return File.Exists(besideRuntime) ? besideRuntime : Find("dotnet") ?? throw new EngineException(
            "The dotnet host was not found.", "Install the .NET 10 SDK: https://dotnet.microsoft.com/download");
    }

    /// <summary>The message for a server that is not installed, with the exact command that installs it.</summary>
    public static EngineException Missing(string server, string package)
    {
        var sudo = Libc.IsRoot ? "" : "sudo ";
        return new EngineException($"{server} is not installed on this machine.", $"Install it: {sudo}apt-get install --yes {package}");
    }

    /// <summary>What a program file really executes: itself, or for a script the interpreter of its first line. Links are resolved.</summary>
    public static string Executed(string path)
    {
        using var reader = new StreamReader(path);
        var start = new char[2];
        var isScript = reader.Read(start) == 2 && start is ['#', '!'];
        var program = isScript ? reader.ReadLine()?.Trim().Split(' ')[0] ?? path : path;
        return Resolve(program);
    }

    // Links may stand anywhere in the path (/bin is one on Debian), not only at its end.
    private static string Resolve(string path)
    {
        var resolved = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            resolved = Path.Combine(resolved, part);
            resolved = new FileInfo(resolved).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? resolved;
        }

        return resolved;
    }
}
