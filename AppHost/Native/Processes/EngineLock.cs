using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>Holds a data folder for one engine at a time. The kernel gives the lock back when the engine dies.</summary>
internal sealed class EngineLock : IDisposable
{
    // EWOULDBLOCK (11), as .NET reports a lock that somebody else holds; a full disk is an IOException too.
    private const int LockedByAnother = 11;

    private readonly FileStream _file;

    private EngineLock(FileStream file) => _file = file;

    /// <exception cref="EngineException">Another engine is running on this data folder, or it belongs to another user.</exception>
    public static EngineLock Take(DataDirectory data)
    {
        FileStream file;
        try
        {
            // Exclusive sharing is an advisory lock (flock) on Linux; children do not inherit the file.
            file = new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == LockedByAnother)
        {
            throw new EngineException(
                $"Another engine{Owner(data)} is already running on the data folder {data.Root}.",
                "Stop it first, or give this one a data folder of its own: --data <folder>", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw data.NotWritable(exception);
        }

        try
        {
            // Beside the lock, because nobody else can read a file that is locked.
            PrivateFile.Write(data.OwnerFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new EngineLock(file);
        }
        catch (Exception exception)
        {
            file.Dispose();
            if (exception is UnauthorizedAccessException unauthorized)
            {
                throw data.NotWritable(unauthorized);
            }

            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Owner(DataDirectory data) => File.Exists(data.OwnerFile) ? $" (process {File.ReadAllText(data.OwnerFile)})" : "";
}
