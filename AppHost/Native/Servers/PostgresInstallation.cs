using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>The PostgreSQL programs of one major version.</summary>
internal sealed record PostgresInstallation(int MajorVersion, string BinaryFolder)
{
    private const string DebianFolder = "/usr/lib/postgresql";

    public string InitDb => Path.Combine(BinaryFolder, "initdb");

    public string Server => Path.Combine(BinaryFolder, "postgres");

    /// <summary>The installation for a data folder of the given version, else the newest one.</summary>
    public static async Task<PostgresInstallation> FindAsync(int? dataVersion, CancellationToken cancellationToken)
    {
        var installed = (await InstalledAsync(cancellationToken)).OrderByDescending(installation => installation.MajorVersion).ToList();
        if (installed.Count == 0)
        {
            throw Binaries.Missing("PostgreSQL", "postgresql");
        }

        if (dataVersion is null)
        {
            return installed[0];
        }

        return installed.FirstOrDefault(installation => installation.MajorVersion == dataVersion) ?? throw new EngineException(
            $"The data folder was made by PostgreSQL {dataVersion}; installed is {string.Join(", ", installed.Select(i => i.MajorVersion))}.",
            $"Install that version (apt-get install --yes postgresql-{dataVersion}), or start anew with empty data: ./run.sh --reset");
    }

    // Debian keeps several versions side by side, outside of PATH; other systems have one, in PATH.
    private static async Task<IReadOnlyList<PostgresInstallation>> InstalledAsync(CancellationToken cancellationToken)
    {
        var debian = Binaries.ServerFolder is null && Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder).Select(FromDebian).OfType<PostgresInstallation>().ToList()
            : [];
        if (debian.Count > 0 || Binaries.FindServer("postgres") is not { } program)
        {
            return debian;
        }

        var (_, output) = await new Command(program, ["--version"]).RunAsync(cancellationToken);
        var version = output.Split(' ', '.').Select(word => int.TryParse(word, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .FirstOrDefault(number => number > 0);
        return [new PostgresInstallation(version, Path.GetDirectoryName(program)!)];
    }

    private static PostgresInstallation? FromDebian(string folder)
    {
        var binaries = Path.Combine(folder, "bin");
        return int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version)
            && File.Exists(Path.Combine(binaries, "postgres"))
            ? new PostgresInstallation(version, binaries)
            : null;
    }
}
