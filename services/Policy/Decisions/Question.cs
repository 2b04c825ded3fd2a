using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Decisions;

/// <summary>What has to be evaluated for a call: the limits that apply to it and the units that they and the call are about.</summary>
internal sealed class Question
{
    private readonly QuestionShape _shape;
    private readonly UnitAmount[] _uncounted;
    private readonly bool _isAlone;

    private Question(QuestionShape shape, UnitAmount[] units, UnitAmount[] uncounted, bool isAlone = false)
    {
        _shape = shape;
        _isAlone = isAlone;
        Units = units;
        _uncounted = uncounted;
    }

    /// <summary>Limits in the account's slot.</summary>
    internal LayoutLimit[] Account => _shape.Account.Limits;

    /// <summary>Limits of the platform.</summary>
    internal LayoutLimit[] Platform => _shape.Platform?.Limits ?? [];

    /// <summary>What is asked for of units that are counted, and what is assumed, or zero, of what some limit counts beside it.</summary>
    internal UnitAmount[] Units { get; }

    /// <summary>Everything that is asked for and assumed.</summary>
    internal UnitAmount[] Everything => [.. Units, .. _uncounted];

    /// <summary>Grants that are valid now and of use.</summary>
    internal LayoutGrant[] Grants => _shape.Account.Grants;

    /// <summary>What is to be evaluated for a call that begins.</summary>
    /// <param name="account">What limits the caller.</param>
    /// <param name="request">The call.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="assumed">What is assumed of units that the call does not name.</param>
    /// <param name="order">The units that a hold has begun with, when one is to be enlarged.</param>
    internal static Question Of(
        CompiledAccount account, DecisionRequest request, DateTimeOffset now, AssumedEstimate? assumed = null, IReadOnlyList<string>? order = null)
    {
        var layout = AccountLayout.Of(account);
        if (order is not null)
        {
            return Of(ShapeOf(account, layout, request, now, order), request, null);
        }

        var shape = layout.Find(request, now);
        if (shape is null)
        {
            layout.Remember(shape = ShapeOf(account, layout, request, now, []));
        }

        return Of(shape, request, request.IsPeek ? null : assumed);
    }

    /// <summary>The same question where the platform holds nothing of the call.</summary>
    internal Question WithoutPlatform() => _shape.Platform is null ? this : new Question(_shape, Units, _uncounted, isAlone: true);

    /// <summary>The same question about no more than what is granted already.</summary>
    /// <param name="granted">By unit, in the order of <see cref="Units"/>.</param>
    internal Question Within(long[] granted)
    {
        var units = new UnitAmount[Units.Length];
        for (var index = 0; index < units.Length; index++)
        {
            units[index] = Units[index] with { Need = Math.Min(Units[index].Need, granted[index]) };
        }

        return new Question(_shape, units, _uncounted);
    }

    /// <summary>Every limit, whatever it is about: where a caller stands as a whole.</summary>
    internal static Question OfEverything(AccountLayout layout, DateTimeOffset now)
    {
        var request = new DecisionRequest(default, string.Empty, null, null, [], TimeSpan.Zero);
        var units = UnitsOf(request, [], layout.Limits, []);
        var side = new QuestionSide(layout, layout.Limits, [.. layout.Grants.Where(grant => grant.IsValidAt(now))], units, units.Length, string.Empty);
        return Of(new QuestionShape(request, units, side, null, (now, now)) { Alone = side, Uncounted = [] }, request, null);
    }

    /// <summary>What the script of one slot is asked.</summary>
    internal AuthorizeScript.Call Call(bool isPlatform, Guid? holdId, TimeSpan lifetime, bool enlarges) =>
        new(isPlatform ? _shape.Platform! : _isAlone ? _shape.Alone : _shape.Account, Units, holdId, lifetime, enlarges, isPlatform);

    /// <summary>Where limits stand, from an answer about them.</summary>
    internal static LimitOutcome[] Lines(AuthorizeScript.Answer? answer, LayoutLimit[] limits)
    {
        if (answer is not { } lines)
        {
            return [];
        }

        // By the clock of the answer: this process' own may have been wrong when the question was put.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(lines.Now);
        var outcomes = new LimitOutcome[limits.Length];
        for (var index = 0; index < limits.Length; index++)
        {
            var line = lines.Lines[index];
            var window = limits[index].IsWindow ? limits[index].WindowAt(at).Window : null;
            var resets = window?.ResetsAt ?? (line.FreeAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(line.FreeAt) : null);
            outcomes[index] = new LimitOutcome(limits[index].Limit, line.Used, line.Held, resets, line.Refuses, window?.Start)
            {
                Cause = line.CauseOf(window is not null),
                // With the window what is held of it ends too.
                HeldUntil = window is null || line.FreeAt <= 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(line.FreeAt, window.EndMilliseconds)),
            };
        }

        return outcomes;
    }

    /// <summary>The decision that an answer is.</summary>
    /// <param name="answer">The answer of the script.</param>
    /// <param name="before">Limits that were decided about before.</param>
    /// <param name="holdId">The hold that was asked for.</param>
    /// <param name="limits">The limits of the answer.</param>
    /// <param name="own">What the hold that is to be enlarged has already.</param>
    internal Decision ToDecision(
        AuthorizeScript.Answer answer, IReadOnlyList<LimitOutcome> before, Guid? holdId, LayoutLimit[] limits, IReadOnlyList<HoldUnit>? own = null)
    {
        var outcomes = Lines(answer, limits);
        foreach (ref var outcome in outcomes.AsSpan())
        {
            if (own is not null && outcome.Cause == RefusalCause.Held && !IsHeldByOthers(outcome, own))
            {
                outcome = outcome with { Cause = RefusalCause.UsedUp };
            }
        }

        var isAllowed = answer.Status == AuthorizeStatus.Allow;
        var refusal = isAllowed ? null : Refusal(outcomes);
        return new Decision
        {
            IsAllowed = isAllowed,
            At = DateTimeOffset.FromUnixTimeMilliseconds(answer.Now),
            Reason = answer.Status == AuthorizeStatus.Full ? DecisionReasons.TooManyHolds : refusal is { } refused ? ReasonOf(refused) : null,
            RefusedBy = refusal,
            Asked = refusal is { } limit ? AskedOf(limit.Limit) : null,
            HoldId = isAllowed ? holdId : null,
            ExpiresAt = isAllowed && holdId is not null ? DateTimeOffset.FromUnixTimeMilliseconds(answer.Expiry) : null,
            Granted = isAllowed ? Grant(answer.Granted) : [],
            Limits = before.Count == 0 ? outcomes : [.. before, .. outcomes],
        };
    }

    /// <summary>The decision where the limits of the platform have refused.</summary>
    internal Decision ToPlatformRefusal(AuthorizeScript.Answer answer)
    {
        var decision = ToDecision(answer, [], null, Platform);
        // What can never pass is not a matter of how busy it is.
        return decision.Reason == DecisionReasons.RequestTooLarge ? decision : decision with { Reason = DecisionReasons.PlatformBusy };
    }

    private static string ReasonOf(LimitOutcome refused) => (refused.Cause, refused.Limit.Kind) switch
    {
        (RefusalCause.TooLarge, not LimitKind.Concurrency) => DecisionReasons.RequestTooLarge,
        (RefusalCause.Held, _) => DecisionReasons.HeldByCalls,
        (_, LimitKind.Rate) => DecisionReasons.RateLimited,
        (_, LimitKind.Quota) => DecisionReasons.QuotaExhausted,
        (_, LimitKind.Budget) => DecisionReasons.BudgetExhausted,
        _ => DecisionReasons.TooManyAtOnce,
    };

    // Whether an enlargement would fit if the other calls ended. How much more credits allow is not known here: with them it is enough that there are others.
    private bool IsHeldByOthers(LimitOutcome outcome, IReadOnlyList<HoldUnit> own)
    {
        var mine = 0L;
        foreach (var unit in own)
        {
            mine += unit.Unit == outcome.Limit.Unit ? Math.Max(0, unit.Granted - unit.Consumed) : 0;
        }

        return outcome.Held > mine
            && (Array.Exists(Grants, grant => grant.Grant.Unit == outcome.Limit.Unit) || outcome.Used + mine + Math.Max(1, AskedOf(outcome.Limit) ?? 1) <= outcome.Limit.Maximum);
    }

    private long? AskedOf(CompiledLimit limit) =>
        limit.Kind != LimitKind.Concurrency && AuthorizeScript.IndexOf(Units, limit.Unit) is var unit and >= 0 && Units[unit].Minimum > 0 ? Units[unit].Minimum : null;

    // The one that keeps the caller out for the longest: it is no use to wait for another.
    private static LimitOutcome? Refusal(LimitOutcome[] outcomes)
    {
        LimitOutcome? longest = null;
        foreach (var outcome in outcomes)
        {
            if (outcome.Refuses && !outcome.Limit.IsShadow
                && (longest is null || WaitOf(outcome) > WaitOf(longest.Value)))
            {
                longest = outcome;
            }
        }

        return longest;
    }

    private static DateTimeOffset WaitOf(LimitOutcome outcome) =>
        outcome.Cause is RefusalCause.TooLarge or RefusalCause.Nothing ? DateTimeOffset.MaxValue : outcome.OpensAt ?? DateTimeOffset.MinValue;

    private UnitAmount[] Grant(long[] granted)
    {
        var amounts = new UnitAmount[Units.Length + _uncounted.Length];
        for (var index = 0; index < Units.Length; index++)
        {
            amounts[index] = Units[index] with { Need = granted[index] };
        }

        _uncounted.CopyTo(amounts, Units.Length);
        return amounts;
    }

    private static Question Of(QuestionShape shape, DecisionRequest request, AssumedEstimate? assumed)
    {
        var units = new UnitAmount[shape.Units.Length];
        for (var index = 0; index < units.Length; index++)
        {
            var asked = index < request.Amounts.Count && request.Amounts[index].Unit == shape.Units[index] ? index : AuthorizeScript.IndexOf(request.Amounts, shape.Units[index]);
            units[index] = asked < 0 ? Assume(shape.Units[index], assumed) : request.Amounts[asked];
        }

        return new Question(
            shape, units, shape.Uncounted.Length == 0 ? [] : Array.ConvertAll(shape.Uncounted, unit => request.Amounts[AuthorizeScript.IndexOf(request.Amounts, unit)]));
    }

    // Calls that say nothing must not share the last unit either. One unit is enough, so that a small limit lets them pass one after the other.
    private static UnitAmount Assume(string unit, AssumedEstimate? assumed) =>
        assumed?.Of(unit) is > 0 and var need ? new UnitAmount(unit, need, 1) { IsAssumed = true } : new UnitAmount(unit, 0, 0);

    private static QuestionShape ShapeOf(CompiledAccount account, AccountLayout layout, DecisionRequest request, DateTimeOffset now, IReadOnlyList<string> order)
    {
        var limits = Applying(layout.Limits, request, now);
        var platform = account.PlatformLimits.Length == 0 ? [] : Applying(AccountLayout.OfPlatform(account).Limits, request, now);
        var units = UnitsOf(request, order, limits, platform);
        string[] uncounted = [.. request.Amounts.Select(amount => amount.Unit).Except(units, StringComparer.Ordinal)];
        var named = units.Count(unit => AuthorizeScript.IndexOf(request.Amounts, unit) >= 0);
        LayoutGrant[] grants =
            [.. layout.Grants.Where(grant => grant.IsValidAt(now) && limits.Any(limit => limit.Limit.IsExtendedByGrants && limit.Limit.Unit == grant.Grant.Unit))];
        var meta = HoldMeta.Of(request, hasPlatform: platform.Length > 0 && request.IsOfOperator);
        var side = new QuestionSide(layout, limits, grants, units, named, meta);
        return new QuestionShape(
            request, units, side, platform.Length == 0 ? null : new QuestionSide(AccountLayout.OfPlatform(account), platform, [], units, named, meta), ValidityOf(account, now))
        {
            Alone = platform.Length == 0 ? side : new QuestionSide(layout, limits, grants, units, named, HoldMeta.Of(request, hasPlatform: false)),
            Uncounted = uncounted,
        };
    }

    // Until something begins to apply or ends.
    private static (DateTimeOffset From, DateTimeOffset To) ValidityOf(CompiledAccount account, DateTimeOffset now)
    {
        var (from, to) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var limits = account.Limits.Concat(account.PlatformLimits).SelectMany<CompiledLimit, DateTimeOffset?>(limit => [limit.EffectiveFrom, limit.EffectiveTo]);
        foreach (var moment in limits.Concat(account.Grants.SelectMany<CompiledGrant, DateTimeOffset?>(grant => [grant.EffectiveFrom, grant.ExpiresAt])))
        {
            if (moment is { } change)
            {
                (from, to) = change <= now ? (change > from ? change : from, to) : (from, change < to ? change : to);
            }
        }

        return (from, to);
    }

    private static LayoutLimit[] Applying(LayoutLimit[] limits, DecisionRequest request, DateTimeOffset now) => [.. limits.Where(limit => Applies(limit, request, now))];

    // A meter that the operator has defined is no business of a call that does not name it.
    private static bool Applies(LayoutLimit line, DecisionRequest request, DateTimeOffset now) =>
        line.Limit.AppliesTo(request.Feature, request.Model, request.Channel, now)
        && (line.Limit.Kind == LimitKind.Concurrency || Decisions.Units.IsOfEveryCall(line.Limit.Unit)
            || AuthorizeScript.IndexOf(request.Amounts, line.Limit.Unit) >= 0);

    // What no limit counts of the operator's meters is not held, however many a caller names.
    private static string[] UnitsOf(DecisionRequest request, IReadOnlyList<string> order, LayoutLimit[] limits, LayoutLimit[] platform) =>
    [
        .. order
            .Concat(request.Amounts.Select(amount => amount.Unit).Where(unit => Decisions.Units.IsOfEveryCall(unit)
                || limits.Concat(platform).Any(line => line.Limit.Kind != LimitKind.Concurrency && line.Limit.Unit == unit)))
            .Concat(limits.Concat(platform).Where(line => line.Limit.Kind != LimitKind.Concurrency).Select(line => line.Limit.Unit))
            .Distinct(StringComparer.Ordinal),
    ];
}
