using System.Globalization;

namespace BotGeneric.Testing;

/// <summary>A folder for one run, which the accounts that servers run under can pass through.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "bot-generic-test-";

    // Test hosts are often killed before they can tidy up; whoever comes next does it for them, once.
    private static readonly Lazy<bool> Tidied = new(DeleteFoldersOfEndedProcesses);

    /// <summary>Creates an empty folder.</summary>
    /// <param name="purpose">Part of its name.</param>
    public TemporaryFolder(string purpose)
    {
        _ = Tidied.Value;
        Path = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-{purpose}-").FullName;
        // As root the servers run under accounts of their own: they may pass, but not look around.
        File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Deletes the folder with everything in it.</summary>
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool DeleteFoldersOfEndedProcesses()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            var owner = System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var processId) && !Directory.Exists($"/proc/{processId}"))
            {
                TryDelete(folder);
            }
        }

        return true;
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another test process is deleting it at this moment: it is not ours to insist.
        }
    }
}
