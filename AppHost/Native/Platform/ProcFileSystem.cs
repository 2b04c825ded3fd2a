using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>What Linux tells about processes under /proc.</summary>
internal static class ProcFileSystem
{
    private const string DeletedSuffix = " (deleted)";

    /// <summary>Changes with every boot of the machine, so that process ids of an earlier boot are never taken for ours.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>When a process started, in clock ticks since boot; null when it does not exist or has ended.</summary>
    public static long? StartTime(int processId)
    {
        var stat = ReadOrNull($"/proc/{processId}/stat");
        if (stat is null)
        {
            return null;
        }

        // The second field is the command in parentheses and may itself contain spaces and parentheses.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    /// <summary>The file that a process executes; null when it has ended or belongs to somebody else.</summary>
    public static string? Executable(int processId)
    {
        try
        {
            var target = File.ResolveLinkTarget($"/proc/{processId}/exe", returnFinalTarget: false)?.FullName;
            return target is not null && target.EndsWith(DeletedSuffix, StringComparison.Ordinal) ? target[..^DeletedSuffix.Length] : target;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The command line of a process, for people to read; null when it has ended.</summary>
    public static string? CommandLine(int processId) =>
        ReadOrNull($"/proc/{processId}/cmdline")?.Replace('\0', ' ').Trim();

    /// <summary>The value of a variable in the environment that a process was started with; null when it has none or is not ours to read.</summary>
    public static string? EnvironmentVariable(int processId, string name)
    {
        var prefix = name + "=";
        return ReadOrNull($"/proc/{processId}/environ")?.Split('\0')
            .FirstOrDefault(variable => variable.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
    }

    /// <summary>The ids of every process on the machine.</summary>
    public static IEnumerable<int> ProcessIds() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0);

    // A process may end between any two reads: its absence is an answer, not an error.
    private static string? ReadOrNull(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
