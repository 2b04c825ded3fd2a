using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What the counters of one account should be, in memory and as simply as can be said: a list of holds and a list of what the ledger has.</summary>
internal sealed class Model
{
    private static readonly TimeSpan RememberHolds = new DecisionOptions().RememberHolds;

    /// <summary>The tests' time, without what passes while they run.</summary>
    internal DateTimeOffset Now { get; set; }

    internal List<ModelHold> Holds { get; } = [];

    internal List<ModelNews> News { get; } = [];

    /// <summary>Holds end at the moment somebody looks, finished ones are forgotten a day later.</summary>
    internal void Look()
    {
        foreach (var hold in Holds)
        {
            if (hold.State == HoldStates.Held && hold.ExpiresAt <= Now)
            {
                Finish(hold, HoldStates.Expired);
            }
        }

        foreach (var hold in Holds.Where(hold => hold.State != HoldStates.Held && hold.FinishedAt + RememberHolds <= Now))
        {
            hold.IsForgotten = true;
        }
    }

    internal void Finish(ModelHold hold, string state) => (hold.State, hold.FinishedAt) = (state, Now);

    /// <summary>Units that live holds reserve in a window.</summary>
    internal long Held(string field) => Known.Sum(hold => hold.HeldIn(field));

    /// <summary>Units committed that the counters have not heard of from the ledger.</summary>
    internal long Pending(string field) => Known.Sum(hold => hold.PendingIn(field));

    /// <summary>Everything that the ledger has for a window.</summary>
    internal long Ledger(ModelWindow window) => News.Sum(news => news.In(window));

    /// <summary>The least that the counters can know to be used: news that were not delivered may be known, because sums are read anew, but need not be.</summary>
    internal long LeastUsed(ModelWindow window) =>
        Math.Max(0, Pending(window.Field) + News.Sum(news => news.IsDelivered ? news.In(window) : Math.Min(0, news.In(window))));

    /// <summary>The most that they can take to be used.</summary>
    internal long MostUsed(ModelWindow window) =>
        Math.Max(0, Pending(window.Field) + News.Sum(news => news.IsDelivered ? news.In(window) : Math.Max(0, news.In(window))));

    private IEnumerable<ModelHold> Known => Holds.Where(hold => !hold.IsForgotten);
}

/// <summary>A hold.</summary>
internal sealed class ModelHold
{
    internal required Guid Id { get; init; }

    internal required string State { get; set; }

    internal required DateTimeOffset ExpiresAt { get; set; }

    internal DateTimeOffset FinishedAt { get; set; }

    /// <summary>Whether Redis has forgotten it.</summary>
    internal bool IsForgotten { get; set; }

    /// <summary>Whether the counters have heard that the ledger has it.</summary>
    internal bool IsInLedger { get; set; }

    internal string EventId { get; set; } = string.Empty;

    /// <summary>What it holds, by window, with the unit.</summary>
    internal Dictionary<string, (string Unit, long Amount)> Entries { get; } = [];

    internal Dictionary<string, long> Granted { get; } = [];

    internal Dictionary<string, long> Consumed { get; } = [];

    internal long HeldIn(string field)
    {
        if (State != HoldStates.Held || IsInLedger || !Entries.TryGetValue(field, out var entry))
        {
            return 0;
        }

        return entry.Unit == ModelUnits.Calls ? 1 : Math.Max(0, entry.Amount - Consumed.GetValueOrDefault(entry.Unit));
    }

    internal long PendingIn(string field) =>
        IsInLedger || !Entries.TryGetValue(field, out var entry) || entry.Unit == ModelUnits.Calls ? 0 : Consumed.GetValueOrDefault(entry.Unit);

    /// <summary>What a commit of everything that it names answers, and does.</summary>
    internal HoldOutcome Commit(IReadOnlyList<UnitAmount> actual, string eventId, bool isFinal, Model model)
    {
        if (IsForgotten)
        {
            return HoldOutcome.Unknown;
        }

        var consumed = Granted.Keys.ToDictionary(unit => unit, unit =>
        {
            var index = AuthorizeScript.IndexOf(actual, unit);
            var before = Consumed.GetValueOrDefault(unit);
            return index >= 0 ? actual[index].Need : isFinal ? Math.Max(before, Granted[unit]) : before;
        });
        var same = consumed.All(pair => pair.Value == Consumed.GetValueOrDefault(pair.Key));
        if (State == HoldStates.Released)
        {
            return HoldOutcome.NotNow;
        }

        if (State == HoldStates.Committed)
        {
            return same && EventId == eventId ? HoldOutcome.Repeated : HoldOutcome.Different;
        }

        if (IsInLedger)
        {
            return HoldOutcome.Repeated;
        }

        if (consumed.Any(pair => pair.Value < Consumed.GetValueOrDefault(pair.Key)))
        {
            return HoldOutcome.Less;
        }

        // A finished hold that is written to is remembered from then on.
        FinishedAt = model.Now;
        if (!isFinal && same)
        {
            return HoldOutcome.Repeated;
        }

        foreach (var (unit, amount) in consumed)
        {
            Consumed[unit] = amount;
        }

        if (isFinal)
        {
            EventId = eventId;
            model.Finish(this, HoldStates.Committed);
        }

        return HoldOutcome.Done;
    }
}

/// <summary>A window in which a limit counts.</summary>
/// <param name="Counter">What it counts.</param>
/// <param name="Field">Its name.</param>
/// <param name="Span">From when to when; null for what the ledger does not count.</param>
internal readonly record struct ModelWindow(string Counter, string Field, CountedWindow? Span);

/// <summary>What the ledger has accepted at once.</summary>
/// <param name="Time">When it was used: which windows it belongs to may change with a billing period.</param>
/// <param name="Amounts">By counter.</param>
/// <param name="Hold">The hold that it settles.</param>
internal sealed record ModelNews(DateTimeOffset Time, IReadOnlyDictionary<string, long> Amounts, ModelHold? Hold)
{
    internal bool IsDelivered { get; set; }

    internal long In(ModelWindow window) => window.Span?.Contains(Time) == true ? Amounts.GetValueOrDefault(window.Counter) : 0;
}

internal static class ModelUnits
{
    internal const string Calls = "calls";
}
