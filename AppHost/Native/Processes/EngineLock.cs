using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>Holds a data folder for one engine at a time. The kernel gives the lock back when the engine dies.</summary>
internal sealed class EngineLock : IDisposable
{
    private readonly FileStream _file;

    private EngineLock(FileStream file) => _file = file;

    /// <exception cref="EngineException">Another engine is running on this data folder.</exception>
    public static EngineLock Take(DataDirectory data)
    {
        try
        {
            // Exclusive sharing is an advisory lock (flock) on Linux; children do not inherit the file.
            var file = new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new EngineLock(file);
        }
        catch (IOException exception)
        {
            throw new EngineException(
                $"Another engine{Owner(data)} is already running on the data folder {data.Root}.",
                "Stop it first, or give this one a data folder of its own: --data <folder>", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Owner(DataDirectory data)
    {
        using var reader = new StreamReader(new FileStream(data.LockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out var id) ? $" (process {id})" : "";
    }
}
