namespace BotGeneric.AppHost.Native;

/// <summary>The log of one resource: a new file at every start of the engine, the one before kept beside it.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer;
    private bool _closed;

    public LogFile(string folder, string name)
    {
        Path = System.IO.Path.Combine(folder, name + ".log");
        if (File.Exists(Path))
        {
            File.Move(Path, System.IO.Path.Combine(folder, name + ".previous.log"), overwrite: true);
        }

        _writer = new StreamWriter(new FileStream(Path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        { AutoFlush = true };
    }

    public string Path { get; }

    public void Write(string line)
    {
        lock (_gate)
        {
            // A grandchild may still write after its resource has been stopped.
            if (!_closed)
            {
                _writer.WriteLine(line);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer.Dispose();
        }
    }
}
