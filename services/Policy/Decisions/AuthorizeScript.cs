using System.Buffers;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions.Scripts;
using MessagePack;

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
}

/// <summary>The request and the answer of <c>authorize.lua</c>.</summary>
internal static class AuthorizeScript
{
    /// <summary>What is evaluated in one slot.</summary>
    internal readonly record struct Call(
        AccountLayout Layout, IReadOnlyList<LayoutLimit> Limits, IReadOnlyList<UnitAmount> Units, IReadOnlyList<LayoutGrant> Grants,
        Guid? HoldId, TimeSpan Lifetime, bool Enlarges, string Meta);

    internal static async Task<Answer> RunAsync(
        PolicyRedis redis, DecisionClock clock, DecisionOptions options, Call call, IReadOnlyList<LedgerSums> loads, bool loadsRegardless = false)
    {
        var buffer = ScriptBuffer.Rent();
        Write(buffer, clock, options, call, loads, loadsRegardless);
        return Answer.Read(await redis.RunAsync(PolicyScripts.Authorize, call.Layout.Keys, buffer), call.Limits.Count);
    }

    private static void Write(
        ArrayBufferWriter<byte> buffer, DecisionClock clock, DecisionOptions options, in Call call, IReadOnlyList<LedgerSums> loads, bool loadsRegardless)
    {
        var now = clock.Now;
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(14);
        writer.Write(clock.Shift);
        WriteValidity(ref writer, call.Limits, now);
        WriteId(ref writer, call.HoldId);
        writer.Write((long)call.Lifetime.TotalMilliseconds);
        writer.Write((long)options.RememberHolds.TotalMilliseconds);
        writer.WriteArrayHeader(call.Units.Count);
        foreach (var unit in call.Units)
        {
            writer.WriteArrayHeader(2);
            writer.Write(unit.Need);
            writer.Write(unit.Minimum);
        }

        writer.WriteArrayHeader(call.Limits.Count);
        foreach (var limit in call.Limits)
        {
            WriteLimit(ref writer, limit, call, now);
        }

        WriteGrants(ref writer, call);
        writer.WriteArrayHeader(call.Layout.Targets.Length);
        foreach (var target in call.Layout.Targets)
        {
            writer.WriteArrayHeader(2);
            writer.WriteString(target.Utf8);
            writer.WriteString(NeedsSums(call, target) ? target.EpochUtf8 : []);
        }

        WriteLoads(ref writer, loads, loadsRegardless);
        writer.WriteArrayHeader(call.Units.Count);
        foreach (var unit in call.Units)
        {
            writer.Write(unit.Unit);
        }

        writer.Write(call.Meta);
        writer.Write(call.Enlarges);
        writer.Flush();
    }

    private static bool NeedsSums(in Call call, LayoutTarget target)
    {
        if (call.Grants.Count > 0 && target.Name == AccountLayout.AccountTarget)
        {
            return true;
        }

        foreach (var limit in call.Limits)
        {
            if (limit.IsWindow && limit.Target == target)
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteValidity(ref MessagePackWriter writer, IReadOnlyList<LayoutLimit> limits, DateTimeOffset now)
    {
        long from = 0, to = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        foreach (var limit in limits)
        {
            if (limit.IsWindow)
            {
                var window = limit.WindowAt(now).Window;
                from = Math.Max(from, window.StartSeconds * 1000);
                to = Math.Min(to, window.EndMilliseconds);
            }
        }

        writer.Write(from);
        writer.Write(to);
    }

    internal static void WriteId(ref MessagePackWriter writer, Guid? id)
    {
        if (id is { } value)
        {
            // The writer's own memory, because it may keep what it is given.
            var text = writer.GetSpan(34);
            value.TryFormat(text[2..], out var length, "N");
            text[0] = MessagePackCode.Str8;
            text[1] = (byte)length;
            writer.Advance(2 + length);
        }
        else
        {
            writer.WriteString([]);
        }
    }

    private static void WriteLimit(ref MessagePackWriter writer, LayoutLimit line, in Call call, DateTimeOffset now)
    {
        var limit = line.Limit;
        var unit = limit.Kind == LimitKind.Concurrency ? -1 : IndexOf(call.Units, limit.Unit);
        writer.WriteArrayHeader(10);
        switch (limit.Kind)
        {
            case LimitKind.Rate:
                writer.WriteString("r"u8);
                break;
            case LimitKind.Concurrency:
                writer.WriteString("c"u8);
                break;
            default:
                writer.WriteString("w"u8);
                break;
        }

        writer.WriteString(line.Target.Utf8);
        var window = line.IsWindow ? line.WindowAt(now) : null;
        writer.WriteString(window is null ? line.Counter : window.Utf8);
        writer.Write(limit.Maximum);
        writer.Write(unit + 1);
        writer.Write(!limit.IsShadow);
        // Where nothing is left nothing begins, whether the call says how much it needs or not; what runs is only asked about what it wants more of.
        writer.Write(!call.Enlarges || (unit >= 0 && call.Units[unit].Need > 0));
        writer.Write(window is null ? line.CellMilliseconds : window.Window.EndMilliseconds);
        writer.Write(LayoutLimit.Cells);
        writer.Write(call.Grants.Count > 0 && limit.IsExtendedByGrants);
    }

    private static void WriteGrants(ref MessagePackWriter writer, in Call call)
    {
        writer.WriteArrayHeader(call.Grants.Count);
        foreach (var grant in call.Grants)
        {
            writer.WriteArrayHeader(4);
            writer.Write(IndexOf(call.Units, grant.Grant.Unit) + 1);
            writer.WriteString(grant.Field);
            writer.Write(grant.Grant.Amount);
            writer.Write(grant.EndMilliseconds);
        }
    }

    private static void WriteLoads(ref MessagePackWriter writer, IReadOnlyList<LedgerSums> loads, bool regardless)
    {
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
        internal static Answer Read(byte[] bytes, int limits)
        {
            var reader = new MessagePackReader(bytes);
            var members = reader.ReadArrayHeader();
            var status = (AuthorizeStatus)reader.ReadInt32();
            var now = reader.ReadInt64();
            if (status is AuthorizeStatus.Load or AuthorizeStatus.Clock)
            {
                return new Answer(status, now, 0, [], [], string.Empty);
            }

            if (status == AuthorizeStatus.Gone)
            {
                return new Answer(status, now, 0, [], [], members > 2 ? reader.ReadString() ?? string.Empty : string.Empty);
            }

            var expiry = reader.ReadInt64();
            var granted = new long[reader.ReadArrayHeader()];
            for (var index = 0; index < granted.Length; index++)
            {
                granted[index] = reader.ReadInt64();
            }

            reader.ReadArrayHeader();
            var lines = new Line[limits];
            for (var index = 0; index < limits; index++)
            {
                lines[index] = new Line(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64() == 1);
            }

            return new Answer(status, now, expiry, granted, lines, string.Empty);
        }
    }

    /// <summary>Where a limit stands.</summary>
    internal readonly record struct Line(long Used, long Held, long FreeAt, bool Refuses);
}
