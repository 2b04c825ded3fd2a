using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Policies;

namespace BotGeneric.Policy.WhatIf;

/// <summary>What an account is, for a policy that selects plans or organizations.</summary>
/// <param name="IsOrganization">Whether it is an organization.</param>
/// <param name="Plans">The plans that entitle it now.</param>
/// <param name="Period">A billing period of it.</param>
public sealed record AccountProfile(bool IsOrganization, IReadOnlyList<string> Plans, BillingPeriod? Period)
{
    /// <summary>A person without a plan.</summary>
    public static AccountProfile Unknown { get; } = new(false, [], null);
}

/// <summary>
/// Goes through recorded use in order of time and says what a policy would have refused, had it been the only one. What is refused is used of no limit. Pure, and bounded in
/// memory: it says when there is too much to remember.
/// </summary>
/// <param name="policy">The policy. When it begins and ends is left out of account.</param>
/// <param name="profiles">What accounts are.</param>
/// <param name="memory">Counters, and uses in sliding windows, at most.</param>
public sealed class PolicyReplay(ReadPolicy policy, Func<Guid, AccountProfile> profiles, int memory = 1_000_000)
{
    private readonly Dictionary<(int Limit, Guid Account, Guid User, string? Key), WindowTotals> _totals = [];
    private readonly Dictionary<Guid, AccountVerdict> _accounts = [];
    private readonly List<(WindowTotals Totals, long Amount)> _charged = [];
    private long _remembered;
    private DateTimeOffset _latest = DateTimeOffset.MinValue;

    /// <summary>Calls and other events that the policy was asked about.</summary>
    public long Calls { get; private set; }

    /// <summary>Those that it would have refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Corrections, which are nobody's call and left out.</summary>
    public long Corrections { get; private set; }

    /// <summary>Calls without a known price in a currency that a budget counts: they cost nothing here.</summary>
    public long Unpriced { get; private set; }

    /// <summary>The verdicts about accounts that would have been refused something.</summary>
    public IEnumerable<AccountVerdict> Accounts => _accounts.Values.Where(account => account.Refused > 0);

    /// <summary>The name of the refusal by an access rule, in place of a limit's code.</summary>
    /// <param name="rule">The rule's place.</param>
    public static string RuleName(int rule) => $"access/{rule}";

    /// <summary>Judges the next use.</summary>
    /// <param name="use">What was recorded; not earlier than the one before.</param>
    /// <returns>False when there is too much to remember; nothing more can be judged then.</returns>
    /// <exception cref="ArgumentException">It is earlier than the one before.</exception>
    public bool Judge(RecordedUse use)
    {
        ArgumentNullException.ThrowIfNull(use);
        if (use.Time < _latest)
        {
            throw new ArgumentException("Recorded use must come in order of time.", nameof(use));
        }

        _latest = use.Time;
        if (use.IsCorrection)
        {
            Corrections++;
            return true;
        }

        var profile = profiles(use.AccountId);
        var meant = new Meant(new PolicySubject(use.AccountId, use.UserId, use.KeyId), profile.IsOrganization, profile.Plans);
        if (!meant.Is(policy))
        {
            return true;
        }

        Calls++;
        if (!_accounts.TryGetValue(use.AccountId, out var account))
        {
            _accounts.Add(use.AccountId, account = new AccountVerdict(use.AccountId));
        }

        account.Calls++;
        if (Refusal(use, meant, profile) is { } refusal)
        {
            Refused++;
            account.Refuse(refusal, use.Time);
        }
        else
        {
            foreach (var (totals, amount) in _charged)
            {
                var before = totals.Remembered;
                totals.Add(use.Time, amount);
                _remembered += totals.Remembered - before;
            }
        }

        return _remembered + _totals.Count + _accounts.Count <= memory || MakeRoom();
    }

    // Fills _charged with what is to be counted when nothing refuses.
    private string? Refusal(RecordedUse use, Meant meant, AccountProfile profile)
    {
        _charged.Clear();
        for (var index = 0; index < policy.Rules.Count; index++)
        {
            var rule = policy.Rules[index];
            if (rule.Feature.Matches(use.Feature) && rule.Model.Matches(use.Model) && rule.Channel.Matches(use.Channel))
            {
                if (!rule.IsAllowed)
                {
                    return RuleName(index);
                }

                break;
            }
        }

        string? refusal = null;
        for (var index = 0; index < policy.Limits.Count; index++)
        {
            var limit = policy.Limits[index];
            if (limit.Counted.Kind == LimitKind.Concurrency
                || !limit.Counted.Feature.Matches(use.Feature) || !limit.Counted.Model.Matches(use.Model) || !limit.Counted.Channel.Matches(use.Channel))
            {
                continue;
            }

            Unpriced += limit.Counted.Kind == LimitKind.Budget && (use.Cost is null || use.Currency != limit.Counted.Unit) ? 1 : 0;
            var amount = use.Quantity(limit.Counted.Kind, limit.Counted.Unit);
            if (amount <= 0)
            {
                continue;
            }

            var totals = TotalsOf(index, limit, use, meant);
            var before = totals.Remembered;
            var used = totals.At(use.Time, limit.Counted.Window == LimitWindowKind.BillingPeriod && profile.Period is { } period ? BillingPeriods.Containing(period, use.Time) : null);
            _remembered += totals.Remembered - before;
            if (used + amount > limit.Maximum)
            {
                refusal ??= limit.Code;
            }

            _charged.Add((totals, amount));
        }

        return refusal;
    }

    private WindowTotals TotalsOf(int index, ReadLimit limit, RecordedUse use, Meant meant)
    {
        // As the counters are kept: a person's own within the account.
        var key = policy.Terms.Scope switch
        {
            LimitScope.Platform => (index, Guid.Empty, Guid.Empty, null),
            LimitScope.User => (index, use.AccountId, meant.Person ?? Guid.Empty, null),
            LimitScope.ApiKey => (index, use.AccountId, Guid.Empty, use.KeyId),
            _ => (index, use.AccountId, Guid.Empty, (string?)null),
        };
        if (!_totals.TryGetValue(key, out var totals))
        {
            _totals.Add(key, totals = new WindowTotals(limit.Counted.Window, limit.Counted.Length));
        }

        return totals;
    }

    // Sliding windows of callers who have not called for a while hold what is over.
    private bool MakeRoom()
    {
        foreach (var (key, totals) in _totals)
        {
            if (policy.Limits[key.Limit].Counted.Window == LimitWindowKind.Sliding)
            {
                totals.At(_latest, null);
                if (totals.Remembered == 0)
                {
                    _totals.Remove(key);
                }
            }
        }

        _remembered = _totals.Values.Sum(totals => (long)totals.Remembered);
        // Room for a while, or the next use would look through everything again.
        return _remembered + _totals.Count + _accounts.Count <= memory - (memory / 8);
    }
}

/// <summary>What would have happened to an account.</summary>
/// <param name="accountId">The account.</param>
public sealed class AccountVerdict(Guid accountId)
{
    private readonly Dictionary<string, LimitVerdict> _limits = new(StringComparer.Ordinal);

    /// <summary>The account.</summary>
    public Guid AccountId { get; } = accountId;

    /// <summary>Its calls that the policy was asked about.</summary>
    public long Calls { get; internal set; }

    /// <summary>Those that would have been refused.</summary>
    public long Refused { get; private set; }

    /// <summary>When for the first time.</summary>
    public DateTimeOffset First { get; private set; }

    /// <summary>By which limits, by code.</summary>
    public IReadOnlyDictionary<string, LimitVerdict> Limits => _limits;

    internal void Refuse(string limit, DateTimeOffset at)
    {
        First = Refused++ == 0 ? at : First;
        _limits[limit] = _limits.TryGetValue(limit, out var known) ? known with { Refused = known.Refused + 1 } : new LimitVerdict(1, at);
    }
}

/// <summary>What a limit would have refused to an account.</summary>
/// <param name="Refused">Calls.</param>
/// <param name="First">When for the first time.</param>
public readonly record struct LimitVerdict(long Refused, DateTimeOffset First);
