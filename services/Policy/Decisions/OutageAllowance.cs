using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;
using BotGeneric.Policy.Limits;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Decisions;

/// <summary>
/// Decides by the limits' failure modes while the counters cannot be reached. What is let pass is counted by the usage ledger like everything else, so the
/// counters are right again once they are back.
/// </summary>
/// <remarks>
/// <see cref="FailureMode.AllowThenDeny"/> counts in this process, for each account and outage: with several replicas each lets its number pass.
/// </remarks>
public sealed class OutageAllowance
{
    /// <summary>How long after the last decision without counters what was let pass is remembered, of accounts that have not come back.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<string, long>> _passed = new();
    private readonly PolicyRedis _redis;
    private readonly PolicyOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Counter<long> _decisions;
    private int _hasPassed;
    private long _latest;

    /// <summary>Makes the counter of such decisions.</summary>
    /// <param name="redis">Says whether the counters answer again.</param>
    /// <param name="options">What passes of a caller of whom nothing is known.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meters">For the counter.</param>
    public OutageAllowance(PolicyRedis redis, IOptions<PolicyOptions> options, TimeProvider timeProvider, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        (_redis, _options, _timeProvider) = (redis, options.Value, timeProvider);
        _decisions = meters.Create("BotGeneric.Policy").CreateCounter<long>(
            "policy.decisions.degraded", "{decision}", "Decisions by failure mode, because the counters could not be reached, by outcome.");
    }

    // Of a caller whose limits are not known.
    private const string UnknownCounter = "?";

    /// <summary>How many slots something is remembered of.</summary>
    internal int Count => _passed.Count;

    /// <summary>The counters of a slot answer: its next outage begins anew. Those of others may be away all the same.</summary>
    /// <param name="slot">The account; the nil UUID for the platform.</param>
    internal void Recovered(Guid slot)
    {
        // Asked at every decision, and mostly there is nothing: no lock, and no look at what is there.
        if (Volatile.Read(ref _hasPassed) == 0)
        {
            return;
        }

        // To look before removing takes no lock either.
        if (_passed.ContainsKey(slot))
        {
            _passed.TryRemove(slot, out _);
        }

        // Some accounts never come back to say that their counters answer.
        if (!_redis.IsAway && _timeProvider.GetElapsedTime(Volatile.Read(ref _latest)) >= Remembered && Interlocked.Exchange(ref _hasPassed, 0) == 1)
        {
            _passed.Clear();
        }
    }

    internal Decision Decide(CompiledAccount account, Question question, DecisionRequest request, DateTimeOffset now) =>
        Decide(account, [.. question.Platform, .. question.Account], question, request, now, out _);

    /// <summary>Decides about a caller of whom nothing is remembered while the database is away: as limits of plans and the free allowance do.</summary>
    internal Decision DecideUnknown(DecisionRequest request, DateTimeOffset now)
    {
        var requests = AuthorizeScript.IndexOf(request.Amounts, Contracts.Meters.Requests);
        var need = requests < 0 ? 0 : request.Amounts[requests].Need;
        var isAllowed = _options.PlanFailureMode switch
        {
            FailureMode.Allow => true,
            FailureMode.AllowThenDeny => TryPass((request.Subject.AccountId, UnknownCounter), need, need, _options.PlanAllowWhileDown, out _),
            _ => false,
        };
        return Answer(isAllowed, request, now) with { Granted = isAllowed ? request.Amounts : [] };
    }

    /// <summary>Decides by the failure modes of some limits of a question.</summary>
    /// <param name="account">The caller.</param>
    /// <param name="lines">Those whose counters cannot be reached.</param>
    /// <param name="question">The question.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="passed">What it takes of the numbers that may pass, for when other limits refuse the call after all.</param>
    internal Decision Decide(CompiledAccount account, LayoutLimit[] lines, Question question, DecisionRequest request, DateTimeOffset now, out Passed passed)
    {
        var outcomes = new LimitOutcome[lines.Length];
        var refused = false;
        var parts = new List<((Guid Slot, string Counter) Key, long Need)>();
        passed = new Passed(this, parts);
        for (var index = 0; index < lines.Length; index++)
        {
            var limit = lines[index].Limit;
            var refuses = !limit.IsShadow && Refuses(account, limit, question, request.IsPeek, parts);
            refused |= refuses;
            var window = lines[index].IsWindow ? lines[index].WindowAt(now).Window : null;
            outcomes[index] = new LimitOutcome(limit, 0, 0, window?.ResetsAt, refuses, window?.Start) { IsUncounted = true };
        }

        if (refused)
        {
            // A refusal takes nothing from any limit, here too.
            passed.GiveBack();
        }

        return Answer(!refused, request, now) with
        {
            RefusedBy = refused ? Array.Find(outcomes, outcome => outcome.Refuses) : null,
            Granted = refused ? [] : question.Everything,
            Limits = outcomes,
        };
    }

    /// <summary>What a call was let pass of.</summary>
    internal sealed class Passed(OutageAllowance outage, List<((Guid Slot, string Counter) Key, long Need)> parts)
    {
        /// <summary>Gives it back: the call does not pass.</summary>
        internal void GiveBack()
        {
            parts.ForEach(part => outage.CountersOf(part.Key.Slot).AddOrUpdate(part.Key.Counter, 0, (_, count) => Math.Max(0, count - part.Need)));
            parts.Clear();
        }
    }

    private Decision Answer(bool isAllowed, DecisionRequest request, DateTimeOffset now)
    {
        _decisions.Add(1, new KeyValuePair<string, object?>("outcome", isAllowed ? "allow" : "deny"));
        return new Decision
        {
            IsAllowed = isAllowed,
            IsDegraded = true,
            At = now,
            Reason = isAllowed ? null : DecisionReasons.LimitsUnavailable,
            HoldId = isAllowed && !request.IsPeek ? DegradedHold.New(now) : null,
            ExpiresAt = isAllowed && !request.IsPeek ? now + request.Lifetime : null,
        };
    }

    private bool Refuses(CompiledAccount account, CompiledLimit limit, Question question, bool isPeek, List<((Guid Slot, string Counter) Key, long Need)> passed)
    {
        switch (limit.OnFailure)
        {
            case FailureMode.Allow:
                return false;
            case FailureMode.AllowThenDeny:
                var unit = AuthorizeScript.IndexOf(question.Units, limit.Unit);
                var need = isPeek ? 0 : unit < 0 ? 1 : question.Units[unit].Need;
                // Of what is assumed, one is enough.
                var least = need > 0 && unit >= 0 && question.Units[unit].IsAssumed ? question.Units[unit].Minimum : need;
                var key = (limit.Scope == LimitScope.Platform ? Guid.Empty : account.Subject.AccountId, limit.Target + limit.Counter);
                if (!TryPass(key, need, least, limit.AllowWhileDown, out var taken))
                {
                    return true;
                }

                passed.Add((key, taken));
                return false;
            default:
                return true;
        }
    }

    private bool TryPass((Guid Slot, string Counter) key, long need, long least, long allowed, out long taken)
    {
        var counters = CountersOf(key.Slot);
        while (true)
        {
            var passed = counters.GetOrAdd(key.Counter, 0);
            taken = Math.Max(least, Math.Min(need, allowed - passed));
            if (passed + taken > allowed)
            {
                return false;
            }

            if (counters.TryUpdate(key.Counter, passed + taken, passed))
            {
                return true;
            }
        }
    }

    private ConcurrentDictionary<string, long> CountersOf(Guid slot)
    {
        var counters = _passed.GetOrAdd(slot, static _ => new ConcurrentDictionary<string, long>(StringComparer.Ordinal));
        Volatile.Write(ref _latest, _timeProvider.GetTimestamp());
        Volatile.Write(ref _hasPassed, 1);
        return counters;
    }
}

/// <summary>
/// Ids of holds that hold nothing, because there was nothing to hold them in: UUIDs of version 8 with a mark, so that every replica knows them later.
/// </summary>
internal static class DegradedHold
{
    private static ReadOnlySpan<byte> Mark => "degraded"u8;

    internal static Guid New(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        // Version 8 leaves the rest to us (RFC 9562, section 5.8): time and random stay where version 7 has them, the mark is in the last bytes.
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0f));
        Mark[..4].CopyTo(bytes[12..]);
        return new Guid(bytes, bigEndian: true);
    }

    internal static bool Is(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[6] >> 4 == 8 && bytes[12..].SequenceEqual(Mark[..4]);
    }
}
