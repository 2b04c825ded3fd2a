namespace BotGeneric.Testing;

/// <summary>A folder for one run, which the accounts that servers run under can pass through.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Creates an empty folder.</summary>
    /// <param name="purpose">The start of its name.</param>
    public TemporaryFolder(string purpose)
    {
        Path = Directory.CreateTempSubdirectory($"bot-generic-{purpose}-").FullName;
        // As root the servers run under accounts of their own: they may pass, but not look around.
        File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Deletes the folder with everything in it.</summary>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
