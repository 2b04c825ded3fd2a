using System.Text;

namespace BotGeneric.Simulators.Paddle.Persistence;

/// <summary>
/// A file of lines that grows at its end. What a killed process leaves behind is whole lines and at most a part of one, which is as if it had never been written.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const byte LineFeed = (byte)'\n';

    private readonly string _path;
    private FileStream _stream;

    private JournalFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <summary>The full path.</summary>
    public string Path => _path;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="IOException">Another process has it open.</exception>
    public static JournalFile Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        return new JournalFile(full, OpenStream(full, FileMode.OpenOrCreate));
    }

    /// <summary>Every whole line, and drops the rest.</summary>
    public IEnumerable<string> ReadLines()
    {
        DropUnfinishedLine();
        _stream.Position = 0;
        using var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Adds a line. A process that is killed afterwards has written it.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        var end = _stream.Length;
        _stream.Position = end;
        try
        {
            // In one call, so that no other line can end up behind a part of this one.
            _stream.Write([.. line, LineFeed]);
            _stream.Flush();
        }
        catch (IOException)
        {
            _stream.SetLength(end);
            throw;
        }
    }

    /// <summary>Puts other lines in the place of all, at once: a process that is killed meanwhile leaves the old ones or the new ones.</summary>
    public void Replace(IEnumerable<byte[]> lines)
    {
        var temporary = _path + ".new";
        File.Delete(temporary);
        var stream = OpenStream(temporary, FileMode.CreateNew);
        try
        {
            foreach (var line in lines)
            {
                stream.Write(line);
                stream.WriteByte(LineFeed);
            }

            stream.Flush(flushToDisk: true);
            File.Move(temporary, _path, overwrite: true);
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        _stream.Dispose();
        _stream = stream;
    }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    // It holds what buyers typed: for nobody else on the machine.
    private static FileStream OpenStream(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private void DropUnfinishedLine()
    {
        for (var end = _stream.Length; end > 0; end--)
        {
            _stream.Position = end - 1;
            if (_stream.ReadByte() == LineFeed)
            {
                _stream.SetLength(end);
                return;
            }
        }

        _stream.SetLength(0);
    }
}
