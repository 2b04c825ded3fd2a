using System.Buffers;
using System.Buffers.Binary;
using BotGeneric.Policy.Compilation;
using MessagePack;
using StackExchange.Redis;

namespace BotGeneric.Policy.Decisions;

/// <summary>
/// The limits and grants of a question that are in one slot, and what the script is told about them: the same for every call of the kind until a window ends, so it is written
/// once.
/// </summary>
/// <param name="layout">Where the counters are.</param>
/// <param name="limits">The limits.</param>
/// <param name="grants">The grants.</param>
/// <param name="units">The units, in the order in which amounts are sent.</param>
/// <param name="named">How many of them, from the first on, the caller names.</param>
/// <param name="meta">What is kept with a hold.</param>
internal sealed class QuestionSide(AccountLayout layout, LayoutLimit[] limits, LayoutGrant[] grants, string[] units, int named, string meta)
{
    private WrittenSide? _written;

    internal LayoutLimit[] Limits => limits;

    internal LayoutGrant[] Grants => grants;

    /// <summary>What the script is told at a moment.</summary>
    internal WrittenSide At(DateTimeOffset now)
    {
        var written = _written;
        var milliseconds = now.ToUnixTimeMilliseconds();
        if (written is null || milliseconds < written.From || milliseconds >= written.To)
        {
            _written = written = Write(now);
        }

        return written;
    }

    private WrittenSide Write(DateTimeOffset now)
    {
        long from = 0, to = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        foreach (var limit in limits.Where(limit => limit.IsWindow))
        {
            var window = limit.WindowAt(now).Window;
            from = Math.Max(from, window.StartSeconds * 1000);
            to = Math.Min(to, window.EndMilliseconds);
        }

        var counters = new List<Counter>();
        foreach (var limit in limits)
        {
            Add(counters, new Counter(limit.Target, limit.FieldAt(now), limit, limit.Limit.Unit));
        }

        foreach (var grant in grants)
        {
            Add(counters, new Counter(layout.Targets.First(target => target.Name == AccountLayout.AccountTarget), grant.Field, null, grant.Grant.Unit));
        }

        // Target by target, as they are read.
        LayoutTarget[] targets = [.. layout.Targets.Where(target => counters.Exists(counter => counter.Target == target))];
        counters = [.. targets.SelectMany(target => counters.Where(counter => counter.Target == target))];
        return new WrittenSide(
            from, to, limits.Length, [.. layout.Keys, .. targets.Select(target => target.Key)],
            [RedisValue.Null, Subject(from, to, targets, counters, now), Kept(counters), RedisValue.Null, .. counters.Select(counter => (RedisValue)counter.Field)]);
    }

    private static void Add(List<Counter> counters, Counter counter)
    {
        if (!counters.Exists(known => known.Is(counter.Target, counter.Field)))
        {
            counters.Add(counter);
        }
    }

    private RedisValue Subject(long from, long to, LayoutTarget[] targets, List<Counter> counters, DateTimeOffset now)
    {
        var writer = new ScriptNumbers();
        writer.Double(from);
        writer.Double(to);
        writer.Short(units.Length);
        writer.Short(targets.Length);
        writer.Short(grants.Length);
        writer.Short(limits.Length);
        foreach (var target in targets)
        {
            var own = counters.Where(counter => counter.Target == target).ToList();
            writer.Short(own.Count);
            writer.Bytes(own.Exists(counter => counter.IsOfLedger) ? target.EpochUtf8 : LayoutTarget.NoEpoch);
        }

        foreach (var grant in grants)
        {
            writer.Short(Array.IndexOf(units, grant.Grant.Unit) + 1);
            writer.Short(counters.FindIndex(counter => counter.Field == grant.Field) + 1);
            writer.Double(grant.Grant.Amount);
        }

        foreach (var line in limits)
        {
            writer.Byte(line.ScriptKind);
            writer.Short(counters.FindIndex(counter => counter.Is(line.Target, line.FieldAt(now))) + 1);
            writer.Short(UnitOf(line));
            writer.Double(line.Limit.Maximum);
            writer.Byte(line.Limit.IsShadow ? 0 : 1);
            writer.Byte(grants.Length > 0 && line.Limit.IsExtendedByGrants ? 1 : 0);
            if (line.Limit.Kind == LimitKind.Rate)
            {
                writer.Double(line.CellMilliseconds);
                writer.Byte(LayoutLimit.Cells);
            }
        }

        return writer.Written;
    }

    // What a hold of these limits holds where, and what it is about.
    private RedisValue Kept(List<Counter> counters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.WriteArrayHeader(units.Length);
        foreach (var unit in units)
        {
            writer.Write(unit);
        }

        writer.WriteArrayHeader(counters.Count(counter => counter.Limit is not null));
        foreach (var counter in counters)
        {
            if (counter.Limit is { } limit)
            {
                writer.WriteArrayHeader(6);
                writer.WriteString(limit.ScriptLetter);
                writer.WriteString(counter.Target.Utf8);
                writer.WriteString(counter.Field);
                writer.Write(UnitOf(limit));
                writer.Write(limit.CellMilliseconds);
                writer.Write(LayoutLimit.Cells);
            }
        }

        writer.Write(meta);
        writer.Write(named);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private int UnitOf(LayoutLimit limit) => limit.Limit.Kind == LimitKind.Concurrency ? 0 : Array.IndexOf(units, limit.Limit.Unit) + 1;

    private sealed record Counter(LayoutTarget Target, byte[] Field, LayoutLimit? Limit, string Unit)
    {
        internal bool IsOfLedger => Limit?.IsWindow ?? true;

        internal bool Is(LayoutTarget target, byte[] field) => Target == target && Field.AsSpan().SequenceEqual(field);
    }
}

/// <summary>What the script is told about limits, for as long as their windows last.</summary>
/// <param name="from">From when it holds, Unix milliseconds.</param>
/// <param name="to">Until when, exclusive.</param>
/// <param name="limits">The number of limits.</param>
/// <param name="keys">The script's keys.</param>
/// <param name="arguments">Its arguments, but for the first and the fourth.</param>
internal sealed class WrittenSide(long from, long to, int limits, RedisKey[] keys, RedisValue[] arguments)
{
    internal long From => from;

    internal long To => to;

    internal int Limits => limits;

    internal RedisKey[] Keys => keys;

    internal RedisValue[] Arguments(ReadOnlyMemory<byte> question, RedisValue loads)
    {
        var values = (RedisValue[])arguments.Clone();
        values[0] = question;
        values[3] = loads;
        return values;
    }
}

/// <summary>Writes numbers as the scripts read them.</summary>
internal sealed class ScriptNumbers
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    internal ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    internal static byte[] OfDouble(double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return bytes;
    }

    internal void Double(double value) => Bytes(OfDouble(value));

    internal void Short(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(sizeof(ushort)), checked((ushort)value));
        _buffer.Advance(sizeof(ushort));
    }

    internal void Byte(int value) => Bytes([checked((byte)value)]);

    internal void Bytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);
}
