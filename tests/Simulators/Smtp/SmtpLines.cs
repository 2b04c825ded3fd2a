using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace BotGeneric.Simulators.Smtp;

/// <summary>What is wrong with a line.</summary>
internal enum LineFault
{
    None,

    /// <summary>It is longer than allowed; the rest of it was skipped.</summary>
    TooLong,

    /// <summary>It holds a line feed without carriage return, or the other way round: the stuff that smuggled messages are made of.</summary>
    BareBreak,
}

/// <summary>A line without its CRLF.</summary>
internal readonly record struct SmtpLine(byte[] Bytes, LineFault Fault)
{
    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>Reads CRLF lines of a connection. What a client sends ahead of the answers (pipelining) waits in the buffer.</summary>
internal sealed class SmtpLines(Stream stream, TimeSpan idleTimeout) : IAsyncDisposable
{
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>Reads a line.</summary>
    /// <param name="longest">The most bytes that it may have, with its CRLF.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The line; null when the client has gone.</returns>
    public async Task<SmtpLine?> ReadAsync(int longest, CancellationToken cancellationToken)
    {
        var tooLong = false;
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(idleTimeout);
            var result = await _reader.ReadAsync(patience.Token);
            var buffer = result.Buffer;
            if (TryCut(ref buffer, out var line))
            {
                var fault = tooLong || line.Length + LineEnd.Length > longest ? LineFault.TooLong
                    : line.AsSpan().ContainsAny((byte)'\r', (byte)'\n') ? LineFault.BareBreak
                    : LineFault.None;
                _reader.AdvanceTo(buffer.Start);
                return new SmtpLine(line, fault);
            }

            if (result.IsCompleted)
            {
                return null;
            }

            if (buffer.Length > longest)
            {
                // Keep the last byte: it may be the CR of the line's end.
                tooLong = true;
                buffer = buffer.Slice(buffer.Length - 1);
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Whether the client has sent something that was not read yet, as far as it has arrived.</summary>
    public bool HasMore()
    {
        if (!_reader.TryRead(out var result))
        {
            return false;
        }

        _reader.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private static bool TryCut(ref ReadOnlySequence<byte> buffer, out byte[] line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> found, LineEnd))
        {
            line = [];
            return false;
        }

        line = found.ToArray();
        buffer = buffer.Slice(reader.Position);
        return true;
    }
}
