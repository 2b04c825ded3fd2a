using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using BotGeneric.Policy.Compilation;
using StackExchange.Redis;

namespace BotGeneric.Policy.Decisions;

/// <summary>Where the counters of a compiled account are in Redis: made once for each compiled account.</summary>
internal sealed class AccountLayout
{
    private static readonly ConditionalWeakTable<CompiledAccount, AccountLayout> Layouts = [];
    private static readonly ConditionalWeakTable<CompiledAccount, AccountLayout> PlatformLayouts = [];

    // Of the features, models and doors that one caller uses at the same time.
    private const int RememberedShapes = 4;

    private volatile QuestionShape[] _shapes = [];

    private AccountLayout(string slot, CompiledLimit[] limits, IReadOnlyList<CompiledGrant> grants, BillingPeriod? period)
    {
        Period = period;
        Targets = [.. limits.Select(limit => limit.Target).Distinct(StringComparer.Ordinal).Select(name => new LayoutTarget(slot, name, limits, period))];
        Limits = Array.ConvertAll(limits, limit => new LayoutLimit(limit, Array.Find(Targets, target => target.Name == limit.Target)!, period));
        // Without a limit to extend, a grant is of no use.
        Grants = [.. grants.Where(grant => Array.Exists(limits, limit => limit.IsExtendedByGrants && !limit.IsShadow && limit.Unit == grant.Unit)).Select(grant => new LayoutGrant(grant))];
        Keys = HoldKeys(slot);
    }

    /// <summary>The target of what an account as a whole has used.</summary>
    internal const string AccountTarget = "a";

    /// <summary>The slot of limits that count everybody.</summary>
    internal const string PlatformSlot = "platform";

    /// <summary>The keys of its holds.</summary>
    internal RedisKey[] Keys { get; }

    internal LayoutTarget[] Targets { get; }

    internal LayoutLimit[] Limits { get; }

    internal LayoutGrant[] Grants { get; }

    internal BillingPeriod? Period { get; }

    /// <summary>The shape of a request like this; null when none is remembered.</summary>
    internal QuestionShape? Find(DecisionRequest request, DateTimeOffset now)
    {
        foreach (var shape in _shapes)
        {
            if (shape.IsOf(request, now))
            {
                return shape;
            }
        }

        return null;
    }

    /// <summary>Remembers a shape; the oldest is forgotten when there are many.</summary>
    internal void Remember(QuestionShape shape) => _shapes = [shape, .. _shapes.Take(RememberedShapes - 1)];

    /// <summary>The account's own.</summary>
    internal static AccountLayout Of(CompiledAccount account) => Layouts.GetValue(
        account, static account => new AccountLayout(SlotOf(account.Subject.AccountId), account.Limits, account.Grants, account.Period));

    /// <summary>Everybody's, as far as this account meets it.</summary>
    internal static AccountLayout OfPlatform(CompiledAccount account) => PlatformLayouts.GetValue(
        account, static account => new AccountLayout(PlatformSlot, account.PlatformLimits, [], null));

    /// <summary>The hash tag of an account's keys.</summary>
    internal static string SlotOf(Guid account) => account.ToString("N");

    /// <summary>The key of a target's counters. The number is that of the form in which they are written.</summary>
    internal static RedisKey TargetKey(string slot, string target) => Encoding.UTF8.GetBytes($"pol:2:{{{slot}}}:{target}");

    /// <summary>The keys of the scripts that settle holds of a slot.</summary>
    internal static RedisKey[] HoldKeys(string slot) => [TargetKey(slot, "h"), TargetKey(slot, "x"), TargetKey(slot, "d"), TargetKey(slot, "w")];
}

/// <summary>Counters of the account, of a person in it or of a key.</summary>
internal sealed class LayoutTarget
{
    internal LayoutTarget(string slot, string name, IEnumerable<CompiledLimit> limits, BillingPeriod? period)
    {
        Name = name;
        Key = AccountLayout.TargetKey(slot, name);
        Utf8 = Encoding.UTF8.GetBytes(name);
        // While the set of counters is another one, sums of the ledger are kept for other counters: they are read anew.
        var counters = limits.Where(limit => limit.Target == name && limit.Kind is LimitKind.Quota or LimitKind.Budget).Select(limit => limit.Counter).Order(StringComparer.Ordinal);
        var text = string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', counters)}|{period?.Start.ToUnixTimeMilliseconds()}");
        Epoch = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString("x16", CultureInfo.InvariantCulture);
        EpochUtf8 = Encoding.UTF8.GetBytes(Epoch);
    }

    /// <summary>In place of an epoch where no sum of the ledger is asked for.</summary>
    internal static ReadOnlySpan<byte> NoEpoch => "----------------"u8;

    internal string Name { get; }

    internal RedisKey Key { get; }

    internal byte[] Utf8 { get; }

    internal string Epoch { get; }

    internal byte[] EpochUtf8 { get; }
}

/// <summary>A limit and the field it counts in.</summary>
internal sealed class LayoutLimit(CompiledLimit limit, LayoutTarget target, BillingPeriod? period)
{
    /// <summary>A sliding window has so many cells: a unit counts until at most a twentieth of the window after it has left it.</summary>
    internal const int Cells = 20;

    private readonly byte[] _counter = Encoding.UTF8.GetBytes(limit.Counter);
    private WindowField? _window;

    internal CompiledLimit Limit { get; } = limit;

    internal LayoutTarget Target { get; } = target;

    internal bool IsWindow { get; } = limit.Kind is LimitKind.Quota or LimitKind.Budget;

    /// <summary>Milliseconds of a cell, rounded up.</summary>
    internal long CellMilliseconds { get; } = Math.Max(1, ((long)limit.Length.TotalMilliseconds + Cells - 1) / Cells);

    /// <summary>How the script of a decision calls its kind.</summary>
    internal int ScriptKind { get; } = limit.Kind switch { LimitKind.Rate => 2, LimitKind.Concurrency => 3, _ => 1 };

    /// <summary>How records of holds call its kind.</summary>
    internal ReadOnlySpan<byte> ScriptLetter => Limit.Kind switch { LimitKind.Rate => "r"u8, LimitKind.Concurrency => "c"u8, _ => "w"u8 };

    /// <summary>The field it counts in at a moment.</summary>
    internal byte[] FieldAt(DateTimeOffset at) => IsWindow ? WindowAt(at).Utf8 : _counter;

    /// <summary>The window that a moment lies in and its field.</summary>
    internal WindowField WindowAt(DateTimeOffset at)
    {
        var window = _window;
        if (window is null || !window.Window.Contains(at))
        {
            _window = window = new WindowField(Limit, CountedWindow.Of(Limit.Window, at, period));
        }

        return window;
    }
}

/// <summary>A window of a limit and the field that counts in it.</summary>
internal sealed class WindowField(CompiledLimit limit, CountedWindow window)
{
    internal CountedWindow Window { get; } = window;

    internal string Field { get; } = string.Create(CultureInfo.InvariantCulture, $"{limit.Counter}:{window.StartSeconds}");

    internal byte[] Utf8 => field ??= Encoding.UTF8.GetBytes(Field);
}

/// <summary>A grant and its field.</summary>
internal sealed class LayoutGrant(CompiledGrant grant)
{
    internal CompiledGrant Grant { get; } = grant;

    internal byte[] Field { get; } = Encoding.UTF8.GetBytes($"g{grant.Id:N}");

    internal long EndMilliseconds { get; } = (grant.ExpiresAt ?? DateTimeOffset.MaxValue).ToUnixTimeMilliseconds();

    internal bool IsValidAt(DateTimeOffset at) => at >= Grant.EffectiveFrom && (Grant.ExpiresAt is null || at < Grant.ExpiresAt);
}
