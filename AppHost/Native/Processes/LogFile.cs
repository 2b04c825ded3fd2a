namespace BotGeneric.AppHost.Native;

/// <summary>The log of one resource: a new file at every start of the engine, the one before kept beside it.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer;
    private readonly Action<string, Exception>? _cannotWrite;
    private bool _closed;

    /// <param name="folder">Where the file is created.</param>
    /// <param name="name">Its name, without the extension.</param>
    /// <param name="cannotWrite">Told about every line that could not be written.</param>
    public LogFile(string folder, string name, Action<string, Exception>? cannotWrite = null) : this(NewFile(folder, name), cannotWrite)
    {
    }

    internal LogFile(FileStream file, Action<string, Exception>? cannotWrite)
    {
        Path = file.Name;
        _writer = new StreamWriter(file) { AutoFlush = true };
        _cannotWrite = cannotWrite;
    }

    public string Path { get; }

    public void Write(string line)
    {
        lock (_gate)
        {
            // A grandchild may still write after its resource has been stopped.
            if (_closed)
            {
                return;
            }

            try
            {
                _writer.WriteLine(line);
            }
            catch (IOException exception)
            {
                // The line is lost; whoever reads the process's output must go on, or the process would block on a full pipe.
                _cannotWrite?.Invoke(Path, exception);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            try
            {
                _writer.Dispose();
            }
            catch (IOException exception)
            {
                _cannotWrite?.Invoke(Path, exception);
            }
        }
    }

    private static FileStream NewFile(string folder, string name)
    {
        var path = System.IO.Path.Combine(folder, name + ".log");
        if (File.Exists(path))
        {
            File.Move(path, System.IO.Path.Combine(folder, name + ".previous.log"), overwrite: true);
        }

        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            // Lines are written one at a time: a buffer would only keep what a full disk has refused.
            BufferSize = 0,
        });
    }
}
