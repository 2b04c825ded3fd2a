using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;

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
    private readonly ConcurrentDictionary<(string Slot, string Counter), long> _passed = new();
    private readonly Counter<long> _decisions;

    /// <summary>Makes the counter of such decisions.</summary>
    /// <param name="meters">For the counter.</param>
    public OutageAllowance(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _decisions = meters.Create("BotGeneric.Policy").CreateCounter<long>(
            "policy.decisions.degraded", "{decision}", "Decisions by failure mode, because the counters could not be reached, by outcome.");
    }

    /// <summary>The counters of a slot answer: its next outage begins anew. Those of others may be away all the same.</summary>
    /// <param name="slot">The account's slot, or the platform's.</param>
    internal void Recovered(string slot)
    {
        if (_passed.IsEmpty)
        {
            return;
        }

        foreach (var key in _passed.Keys.Where(key => key.Slot == slot))
        {
            _passed.TryRemove(key, out _);
        }
    }

    internal Decision Decide(CompiledAccount account, Question question, DecisionRequest request, DateTimeOffset now)
    {
        var lines = question.Platform.Concat(question.Account).ToArray();
        var outcomes = new LimitOutcome[lines.Length];
        var refused = false;
        var passed = new List<((string Slot, string Counter) Key, long Need)>();
        for (var index = 0; index < lines.Length; index++)
        {
            var limit = lines[index].Limit;
            var refuses = !limit.IsShadow && Refuses(account, limit, question, request.IsPeek, passed);
            refused |= refuses;
            var window = lines[index].IsWindow ? lines[index].WindowAt(now).Window : null;
            outcomes[index] = new LimitOutcome(limit, 0, 0, window?.ResetsAt, refuses, window?.Start);
        }

        if (refused)
        {
            // A refusal takes nothing from any limit, here too.
            passed.ForEach(part => _passed.AddOrUpdate(part.Key, 0, (_, count) => Math.Max(0, count - part.Need)));
        }

        _decisions.Add(1, new KeyValuePair<string, object?>("outcome", refused ? "deny" : "allow"));
        return new Decision
        {
            IsAllowed = !refused,
            IsDegraded = true,
            At = now,
            Reason = refused ? DecisionReasons.LimitsUnavailable : null,
            RefusedBy = refused ? Array.Find(outcomes, outcome => outcome.Refuses) : null,
            HoldId = refused || request.IsPeek ? null : DegradedHold.New(now),
            ExpiresAt = refused || request.IsPeek ? null : now + request.Lifetime,
            Granted = refused ? [] : question.Units,
            Limits = outcomes,
        };
    }

    private bool Refuses(CompiledAccount account, CompiledLimit limit, Question question, bool isPeek, List<((string Slot, string Counter) Key, long Need)> passed)
    {
        switch (limit.OnFailure)
        {
            case FailureMode.Allow:
                return false;
            case FailureMode.AllowThenDeny:
                var unit = AuthorizeScript.IndexOf(question.Units, limit.Unit);
                var need = isPeek ? 0 : unit < 0 ? 1 : question.Units[unit].Need;
                var key = (limit.Scope == LimitScope.Platform ? AccountLayout.PlatformSlot : AccountLayout.SlotOf(account.Subject.AccountId), limit.Target + limit.Counter);
                if (!TryPass(key, need, limit.AllowWhileDown))
                {
                    return true;
                }

                passed.Add((key, need));
                return false;
            default:
                return true;
        }
    }

    private bool TryPass((string Slot, string Counter) key, long need, long allowed)
    {
        while (true)
        {
            var passed = _passed.GetOrAdd(key, 0);
            if (passed + need > allowed)
            {
                return false;
            }

            if (_passed.TryUpdate(key, passed + need, passed))
            {
                return true;
            }
        }
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
