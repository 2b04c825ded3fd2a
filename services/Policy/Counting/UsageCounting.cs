using BotGeneric.Contracts;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Counting;

/// <summary>Adds up entries of the ledger: by bucket for the database, and by counter for what Redis derives from it. Pure.</summary>
internal sealed class UsageCounting
{
    /// <summary>The target of what everybody has used together.</summary>
    internal const string PlatformTarget = "p";

    private readonly Dictionary<CounterKey, decimal> _sums = [];
    private readonly Dictionary<Guid, AccountPart> _accounts = [];

    /// <summary>The rows to add to, in the order in which everybody takes them, so that two batches wait for each other instead of deadlocking.</summary>
    internal IReadOnlyList<KeyValuePair<CounterKey, decimal>> Sums => [.. _sums.Where(sum => sum.Value != 0).OrderBy(sum => sum.Key)];

    /// <summary>The accounts.</summary>
    internal IReadOnlyDictionary<Guid, AccountPart> Accounts => _accounts;

    /// <summary>Adds an entry.</summary>
    /// <param name="entry">The entry, under the account that it belongs to now.</param>
    /// <param name="account">What limits whoever caused it.</param>
    internal void Add(UsageEntry entry, CompiledAccount account)
    {
        var bucket = UsageBucket.StartOf(entry.Time, account.Period);
        var part = PartOf(entry.AccountId);
        part.Subjects.Add(account.Subject);
        part.Times.Add(entry.Time);
        if (entry.HoldId is { } hold)
        {
            part.Holds.Add(hold);
            PartOf(Guid.Empty).Holds.Add(hold);
        }

        foreach (var (meter, quantity) in Quantities(entry))
        {
            AddTo(_sums, Key(entry.AccountId, meter, bucket, entry, withCaller: true), quantity);
            AddTo(_sums, Key(Guid.Empty, meter, UsageBucket.StartOf(entry.Time, null), entry, withCaller: false), quantity);
        }

        Touch(part, AccountLayout.AccountTarget);
        if (entry.UserId is { } user)
        {
            Touch(part, $"u{user:N}");
        }

        if (entry.ApiKeyId is { } key)
        {
            Touch(part, $"k{key}");
        }

        AddAmounts(part, AccountLayout.Of(account), entry);
        var platform = PartOf(Guid.Empty);
        Touch(platform, PlatformTarget);
        if (account.PlatformLimits.Length > 0)
        {
            AddAmounts(platform, AccountLayout.OfPlatform(account), entry);
        }
    }

    private static void AddAmounts(AccountPart part, AccountLayout layout, UsageEntry entry)
    {
        part.HasGrants |= layout.Grants.Length > 0;
        foreach (var target in layout.Targets)
        {
            var counted = Touch(part, target.Name);
            // Two who see different sets of counters cannot both be right; whoever asks next has them read anew.
            counted.Epoch = counted.Epoch is null || counted.Epoch == target.Epoch ? target.Epoch : string.Empty;
        }

        HashSet<(string, string)> seen = [];
        foreach (var line in layout.Limits)
        {
            var limit = line.Limit;
            if (line.IsWindow && limit.Feature.Matches(entry.Feature) && limit.Model.Matches(entry.Model) && limit.Channel.Matches(entry.Channel))
            {
                var field = line.WindowAt(entry.Time).Field;
                var amount = QuantityOf(entry, limit.Unit);
                if (amount != 0 && seen.Add((limit.Target, field)))
                {
                    var amounts = part.Targets[limit.Target].Amounts;
                    var counted = Units.Count(limit.Unit, amount);
                    amounts[field] = amounts.GetValueOrDefault(field) + counted;
                    if (Units.Show(limit.Unit, counted) != amount)
                    {
                        // A sum is rounded once, not each of its parts: this one is read anew.
                        part.Targets[limit.Target].Epoch = string.Empty;
                    }
                }
            }
        }
    }

    /// <summary>What an entry adds to a unit.</summary>
    internal static decimal QuantityOf(UsageEntry entry, string unit)
    {
        if (Units.IsMoney(unit))
        {
            return entry.Currency == unit ? entry.Cost ?? 0 : 0;
        }

        return Meters.All.Contains(unit) ? entry.Quantity(unit) : entry.CustomMeters?.GetValueOrDefault(unit) ?? 0;
    }

    private static IEnumerable<(string Meter, decimal Quantity)> Quantities(UsageEntry entry)
    {
        foreach (var meter in Meters.All)
        {
            yield return (meter, entry.Quantity(meter));
        }

        if (entry is { Cost: { } cost, Currency: { } currency })
        {
            yield return (UsageMeters.Of(currency), cost);
        }

        foreach (var (meter, quantity) in entry.CustomMeters ?? new Dictionary<string, decimal>())
        {
            yield return (meter, quantity);
        }
    }

    private static CounterKey Key(Guid account, string meter, DateTimeOffset bucket, UsageEntry entry, bool withCaller) => new(
        account, meter, bucket, withCaller ? entry.UserId ?? Guid.Empty : Guid.Empty, withCaller ? entry.ApiKeyId ?? string.Empty : string.Empty,
        entry.Feature, entry.Model ?? string.Empty, entry.Channel ?? string.Empty);

    private static void AddTo(Dictionary<CounterKey, decimal> sums, CounterKey key, decimal quantity)
    {
        if (quantity != 0)
        {
            sums[key] = sums.GetValueOrDefault(key) + quantity;
        }
    }

    private static TargetPart Touch(AccountPart part, string target)
    {
        if (!part.Targets.TryGetValue(target, out var counted))
        {
            part.Targets.Add(target, counted = new TargetPart());
        }

        return counted;
    }

    private AccountPart PartOf(Guid account)
    {
        if (!_accounts.TryGetValue(account, out var part))
        {
            _accounts.Add(account, part = new AccountPart());
        }

        return part;
    }

    /// <summary>What is added for an account.</summary>
    internal sealed class AccountPart
    {
        internal HashSet<Guid> Holds { get; } = [];

        internal HashSet<PolicySubject> Subjects { get; } = [];

        /// <summary>When it was used.</summary>
        internal SortedSet<DateTimeOffset> Times { get; } = [];

        internal SortedDictionary<string, TargetPart> Targets { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether credits may take over a part.</summary>
        internal bool HasGrants { get; set; }

        /// <summary>The event that says so.</summary>
        /// <param name="account">The account.</param>
        /// <param name="versions">The new version of each target.</param>
        internal CountedAccount ToEvent(Guid account, IReadOnlyDictionary<(Guid, string), long> versions) => new(
            account,
            [.. Holds],
            [
                .. Targets.Select(target => new CountedTarget(
                    // What credits take over is not a matter of adding: the sums are read anew.
                    target.Key, HasGrants ? string.Empty : target.Value.Epoch ?? string.Empty, versions[(account, target.Key)], target.Value.Amounts)),
            ],
            [.. Subjects.Select(subject => new CountedSubject(subject.UserId, subject.KeyId))]);
    }

    /// <summary>What is added for a target.</summary>
    internal sealed class TargetPart
    {
        internal string? Epoch { get; set; }

        internal Dictionary<string, long> Amounts { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>A row of <see cref="UsageCounter"/>.</summary>
internal readonly record struct CounterKey(
    Guid Account, string Meter, DateTimeOffset Bucket, Guid User, string Key, string Feature, string Model, string Channel) : IComparable<CounterKey>
{
    public int CompareTo(CounterKey other)
    {
        var order = Account.CompareTo(other.Account);
        order = order != 0 ? order : string.CompareOrdinal(Meter, other.Meter);
        order = order != 0 ? order : Bucket.CompareTo(other.Bucket);
        order = order != 0 ? order : User.CompareTo(other.User);
        order = order != 0 ? order : string.CompareOrdinal(Key, other.Key);
        order = order != 0 ? order : string.CompareOrdinal(Feature, other.Feature);
        order = order != 0 ? order : string.CompareOrdinal(Model, other.Model);
        return order != 0 ? order : string.CompareOrdinal(Channel, other.Channel);
    }
}
