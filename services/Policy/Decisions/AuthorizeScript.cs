using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions.Scripts;
using MessagePack;
using StackExchange.Redis;

namespace BotGeneric.Policy.Decisions;

/// <summary>What the script of a decision answered.</summary>
internal enum AuthorizeStatus
{
    Allow = 0,
    Deny = 1,

    /// <summary>Sums of the ledger are missing.</summary>
    Load = 2,

    /// <summary>A window was computed by a clock that is not the server's.</summary>
    Clock = 3,

    /// <summary>The hold that was to be enlarged does not run any more.</summary>
    Gone = 4,

    /// <summary>The account holds as many calls as one may.</summary>
    Full = 5,
}

/// <summary>The request and the answer of <c>authorize.lua</c>.</summary>
internal static class AuthorizeScript
{
    private const int IdLength = 32;
    private const byte Peek = 0;
    private const byte Hold = 1;
    private const byte Enlarge = 2;
    private const double NoEnd = double.PositiveInfinity;

    /// <summary>What is evaluated in one slot.</summary>
    /// <param name="Side">The limits.</param>
    /// <param name="Units">What is asked for, in the order of the limits' units.</param>
    /// <param name="HoldId">The hold; null when nothing is to be held.</param>
    /// <param name="Lifetime">How long it lasts.</param>
    /// <param name="Enlarges">Whether it runs already.</param>
    /// <param name="IsPlatform">Whether it is everybody's slot, which holds the calls of all accounts.</param>
    internal readonly record struct Call(QuestionSide Side, UnitAmount[] Units, Guid? HoldId, TimeSpan Lifetime, bool Enlarges, bool IsPlatform);

    internal static async ValueTask<Answer> RunAsync(
        PolicyRedis redis, DecisionClock clock, DecisionOptions options, Call call, IReadOnlyList<LedgerSums> loads, bool loadsRegardless = false)
    {
        var side = call.Side.At(clock.Now);
        var buffer = ScriptBuffer.Rent();
        Write(buffer, clock, options, call);
        var arguments = side.Arguments(buffer.WrittenMemory, loads.Count == 0 ? RedisValue.EmptyString : Write(loads, loadsRegardless));
        return Answer.Read(await redis.RunAsync(PolicyScripts.Authorize, side.Keys, arguments, buffer), call.Units, side.Limits);
    }

    private static void Write(ArrayBufferWriter<byte> buffer, DecisionClock clock, DecisionOptions options, in Call call)
    {
        var length = (5 * sizeof(double)) + 1 + IdLength + (call.Units.Length * 2 * sizeof(double));
        var span = buffer.GetSpan(length);
        clock.WriteTo(span, options, call.IsPlatform);
        BinaryPrimitives.WriteDoubleLittleEndian(span[16..], call.IsPlatform ? NoEnd : options.HoldsAtOnce);
        BinaryPrimitives.WriteDoubleLittleEndian(span[24..], call.Lifetime.TotalMilliseconds);
        BinaryPrimitives.WriteDoubleLittleEndian(span[32..], options.RememberHolds.TotalMilliseconds);
        span[40] = call.Enlarges ? Enlarge : call.HoldId is null ? Peek : Hold;
        call.HoldId.GetValueOrDefault().TryFormat(span[41..], out _, "N");
        var place = 41 + IdLength;
        foreach (ref readonly var unit in call.Units.AsSpan())
        {
            BinaryPrimitives.WriteDoubleLittleEndian(span[place..], unit.Need);
            BinaryPrimitives.WriteDoubleLittleEndian(span[(place + 8)..], unit.Minimum);
            place += 16;
        }

        buffer.Advance(place);
    }

    private static RedisValue Write(IReadOnlyList<LedgerSums> loads, bool regardless)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(loads.Count);
        foreach (var load in loads)
        {
            writer.WriteArrayHeader(5);
            writer.WriteString(load.Target.Utf8);
            writer.Write(load.Version);
            writer.WriteString(load.Target.EpochUtf8);
            writer.WriteArrayHeader(load.Sums.Count * 3);
            foreach (var sum in load.Sums)
            {
                writer.WriteString(sum.Field);
                writer.Write(sum.Amount);
                writer.Write(sum.EndMilliseconds);
            }

            writer.Write(regardless);
        }

        writer.Flush();
        return buffer.WrittenMemory;
    }

    internal static void WriteId(ref MessagePackWriter writer, Guid id)
    {
        // The writer's own memory, because it may keep what it is given.
        var text = writer.GetSpan(2 + IdLength);
        id.TryFormat(text[2..], out var length, "N");
        text[0] = MessagePackCode.Str8;
        text[1] = (byte)length;
        writer.Advance(2 + length);
    }

    internal static int IndexOf(IReadOnlyList<UnitAmount> units, string unit)
    {
        for (var index = 0; index < units.Count; index++)
        {
            if (units[index].Unit == unit)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>The answer.</summary>
    /// <param name="Status">What it is.</param>
    /// <param name="Now">The server's time, Unix milliseconds.</param>
    /// <param name="Expiry">When the hold ends, Unix milliseconds.</param>
    /// <param name="Granted">By unit.</param>
    /// <param name="Lines">By limit.</param>
    /// <param name="State">State of a hold that is gone.</param>
    internal readonly record struct Answer(AuthorizeStatus Status, long Now, long Expiry, long[] Granted, Line[] Lines, string State)
    {
        internal static Answer Read(ReadOnlySpan<byte> bytes, UnitAmount[] units, int limits)
        {
            var status = (AuthorizeStatus)bytes[0];
            var now = Number(bytes, 1);
            if (status is not (AuthorizeStatus.Allow or AuthorizeStatus.Deny or AuthorizeStatus.Full))
            {
                return new Answer(status, now, 0, [], [], Encoding.ASCII.GetString(bytes[9..]));
            }

            var expiry = Number(bytes, 9);
            var isLess = bytes[17] != 0;
            var lines = new Line[limits];
            bytes = bytes[18..];
            foreach (ref var line in lines.AsSpan())
            {
                line = new Line(Number(bytes, 0), Number(bytes, 8), 0, Refuses: false);
                bytes = bytes[16..];
            }

            var granted = new long[units.Length];
            for (var index = 0; index < granted.Length; index++)
            {
                granted[index] = isLess ? Number(bytes, index * 8) : units[index].Need;
            }

            bytes = isLess ? bytes[(granted.Length * 8)..] : bytes;
            for (; bytes.Length > 0; bytes = bytes[11..])
            {
                ref var line = ref lines[BinaryPrimitives.ReadUInt16LittleEndian(bytes) - 1];
                line = line with { Refuses = bytes[2] != 0, FreeAt = Number(bytes, 3) };
            }

            return new Answer(status, now, expiry, granted, lines, string.Empty);
        }

        private static long Number(ReadOnlySpan<byte> bytes, int place) => (long)BinaryPrimitives.ReadDoubleLittleEndian(bytes[place..]);
    }

    /// <summary>Where a limit stands.</summary>
    /// <param name="Used">What is used.</param>
    /// <param name="Held">What calls that run hold.</param>
    /// <param name="FreeAt">When there is room again, Unix milliseconds: of a rate; of a window only where holds are in the way. 0 where it is not said, or one of the two below.</param>
    /// <param name="Refuses">Whether it has no room for the call.</param>
    internal readonly record struct Line(long Used, long Held, long FreeAt, bool Refuses)
    {
        /// <summary>In place of a time: the call needs more than the whole limit.</summary>
        internal const long TooLarge = -1;

        /// <summary>In place of a time: there would be room without the holds.</summary>
        internal const long HeldByOthers = -2;

        /// <summary>In place of a time: the limit is one of nothing, and no credits extend it.</summary>
        internal const long OfNothing = -3;

        /// <summary>Why it refuses.</summary>
        /// <param name="isWindow">Whether the limit has a window.</param>
        internal RefusalCause CauseOf(bool isWindow) => (Refuses, FreeAt) switch
        {
            (false, _) => RefusalCause.None,
            (_, TooLarge) => RefusalCause.TooLarge,
            (_, HeldByOthers) => RefusalCause.Held,
            (_, OfNothing) => RefusalCause.Nothing,
            (_, > 0) when isWindow => RefusalCause.Held,
            _ => RefusalCause.UsedUp,
        };
    }
}
