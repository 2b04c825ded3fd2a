using System.Buffers.Binary;

namespace BotGeneric.Policy.Decisions;

/// <summary>
/// The time of the server that counts. Windows are computed by it, so that processes whose clocks differ agree; each answer of Redis sets it right. Between
/// answers it goes on with this process' clock.
/// </summary>
/// <param name="timeProvider">This process' clock.</param>
public sealed class DecisionClock(TimeProvider timeProvider)
{
    private long _ahead;

    /// <summary>Milliseconds added to the server's time by every script: 0, but for tests that live through a month.</summary>
    public long Shift { get; set; }

    /// <summary>What the first argument of every script begins with.</summary>
    /// <param name="options">How many finished holds are remembered.</param>
    /// <param name="isPlatform">Whether it is everybody's slot, where each account's holds are as many as its own slot remembers.</param>
    internal byte[] FirstArgument(DecisionOptions options, bool isPlatform)
    {
        var bytes = new byte[2 * sizeof(double)];
        WriteTo(bytes, options, isPlatform);
        return bytes;
    }

    /// <summary>Writes it.</summary>
    /// <param name="span">At least 16 bytes.</param>
    /// <param name="options">How many finished holds are remembered.</param>
    /// <param name="isPlatform">Whether it is everybody's slot.</param>
    internal void WriteTo(Span<byte> span, DecisionOptions options, bool isPlatform)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(span, Shift);
        BinaryPrimitives.WriteDoubleLittleEndian(span[sizeof(double)..], isPlatform ? double.PositiveInfinity : options.HoldsRemembered);
    }

    /// <summary>Now, UTC, as the server would say.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>Now in milliseconds of Unix time.</summary>
    public long Milliseconds => timeProvider.GetUtcNow().ToUnixTimeMilliseconds() + Volatile.Read(ref _ahead);

    /// <summary>Takes over what the server said.</summary>
    /// <param name="milliseconds">Its time, Unix milliseconds.</param>
    /// <param name="exactly">Also when it differs by next to nothing: another window runs there than here.</param>
    public void Set(long milliseconds, bool exactly = false)
    {
        var ahead = milliseconds - timeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        // What an answer takes on its way is no reason to write to memory that every thread reads.
        if (exactly || Math.Abs(ahead - Volatile.Read(ref _ahead)) > 20)
        {
            Volatile.Write(ref _ahead, ahead);
        }
    }
}
