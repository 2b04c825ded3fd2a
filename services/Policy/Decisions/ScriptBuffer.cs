using System.Buffers;
using System.Collections.Concurrent;

namespace BotGeneric.Policy.Decisions;

/// <summary>Memory for the request of a script. It belongs to the call until the answer is there, because the client writes it when it can.</summary>
internal static class ScriptBuffer
{
    private const int Kept = 256;
    private const int InitialBytes = 1024;
    private static readonly ConcurrentQueue<ArrayBufferWriter<byte>> Free = new();

    internal static ArrayBufferWriter<byte> Rent() => Free.TryDequeue(out var buffer) ? buffer : new ArrayBufferWriter<byte>(InitialBytes);

    /// <summary>Gives it back after an answer. After a timeout it is not given back: it may still be written.</summary>
    internal static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (Free.Count < Kept && buffer.Capacity <= 64 * InitialBytes)
        {
            buffer.ResetWrittenCount();
            Free.Enqueue(buffer);
        }
    }
}
