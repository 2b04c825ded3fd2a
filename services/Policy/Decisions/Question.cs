using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Decisions;

/// <summary>What has to be evaluated for a call: the limits that apply to it and the units that they and the call are about.</summary>
internal sealed class Question
{
    private Question(LayoutLimit[] account, LayoutLimit[] platform, UnitAmount[] units, LayoutGrant[] grants, string meta)
    {
        Account = account;
        Platform = platform;
        Units = units;
        Grants = grants;
        Meta = meta;
    }

    /// <summary>Limits in the account's slot.</summary>
    internal LayoutLimit[] Account { get; }

    /// <summary>Limits of the platform.</summary>
    internal LayoutLimit[] Platform { get; }

    /// <summary>What is asked for, and with zero what some limit counts.</summary>
    internal UnitAmount[] Units { get; }

    /// <summary>Grants that are valid now and of use.</summary>
    internal LayoutGrant[] Grants { get; }

    /// <summary>What the call is about, kept with the hold for its enlargement.</summary>
    internal string Meta { get; }

    internal static Question Of(CompiledAccount account, DecisionRequest request, DateTimeOffset now, IReadOnlyList<string>? order = null)
    {
        var layout = AccountLayout.Of(account);
        var limits = Applying(layout.Limits, request, now);
        var platform = account.PlatformLimits.Length == 0 ? [] : Applying(AccountLayout.OfPlatform(account).Limits, request, now);
        var units = UnitsOf(request, limits, platform, order);
        LayoutGrant[] grants = layout.Grants.Length == 0
            ? []
            : [.. layout.Grants.Where(grant => grant.IsValidAt(now) && limits.Any(limit => limit.Limit.IsExtendedByGrants && limit.Limit.Unit == grant.Grant.Unit))];
        return new Question(limits, platform, units, grants, request.IsPeek ? string.Empty : HoldMeta.Of(request, platform.Length > 0));
    }

    /// <summary>The same question about no more than what is granted already.</summary>
    /// <param name="granted">By unit, in the order of <see cref="Units"/>.</param>
    internal Question Within(long[] granted)
    {
        var units = new UnitAmount[Units.Length];
        for (var index = 0; index < units.Length; index++)
        {
            units[index] = Units[index] with { Need = Math.Min(Units[index].Need, granted[index]) };
        }

        return new Question(Account, Platform, units, Grants, Meta);
    }

    /// <summary>Every limit, whatever it is about: where a caller stands as a whole.</summary>
    internal static Question OfEverything(AccountLayout layout, DateTimeOffset now)
    {
        var units = new List<UnitAmount>();
        Add(units, layout.Limits);
        return new Question(layout.Limits, [], [.. units], [.. layout.Grants.Where(grant => grant.IsValidAt(now))], string.Empty);
    }

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
            outcomes[index] = new LimitOutcome(limits[index].Limit, line.Used, line.Held, resets, line.Refuses, window?.Start);
        }

        return outcomes;
    }

    /// <summary>The decision that an answer is.</summary>
    /// <param name="answer">The answer of the script.</param>
    /// <param name="before">Limits that were decided about before.</param>
    /// <param name="holdId">The hold that was asked for.</param>
    /// <param name="limits">The limits of the answer.</param>
    internal Decision ToDecision(AuthorizeScript.Answer answer, LimitOutcome[] before, Guid? holdId, LayoutLimit[] limits)
    {
        var outcomes = Lines(answer, limits);
        var isAllowed = answer.Status == AuthorizeStatus.Allow;
        var refusal = isAllowed ? null : Refusal(outcomes);
        return new Decision
        {
            IsAllowed = isAllowed,
            At = DateTimeOffset.FromUnixTimeMilliseconds(answer.Now),
            Reason = refusal is { } refused ? ReasonOf(refused.Limit.Kind) : null,
            RefusedBy = refusal,
            HoldId = isAllowed ? holdId : null,
            ExpiresAt = isAllowed && holdId is not null ? DateTimeOffset.FromUnixTimeMilliseconds(answer.Expiry) : null,
            Granted = isAllowed ? Grant(answer.Granted) : [],
            Limits = before.Length == 0 ? outcomes : [.. before, .. outcomes],
        };
    }

    internal static string ReasonOf(LimitKind kind) => kind switch
    {
        LimitKind.Rate => DecisionReasons.RateLimited,
        LimitKind.Quota => DecisionReasons.QuotaExhausted,
        LimitKind.Budget => DecisionReasons.BudgetExhausted,
        _ => DecisionReasons.TooManyAtOnce,
    };

    // The one that keeps the caller out for the longest: it is no use to wait for another.
    private static LimitOutcome? Refusal(LimitOutcome[] outcomes)
    {
        LimitOutcome? longest = null;
        foreach (var outcome in outcomes)
        {
            if (outcome.Refuses && !outcome.Limit.IsShadow
                && (longest is null || (outcome.ResetsAt ?? DateTimeOffset.MinValue) > (longest.Value.ResetsAt ?? DateTimeOffset.MinValue)))
            {
                longest = outcome;
            }
        }

        return longest;
    }

    private UnitAmount[] Grant(long[] granted)
    {
        var amounts = new UnitAmount[Units.Length];
        for (var index = 0; index < amounts.Length; index++)
        {
            amounts[index] = Units[index] with { Need = granted[index] };
        }

        return amounts;
    }

    private static LayoutLimit[] Applying(LayoutLimit[] limits, DecisionRequest request, DateTimeOffset now)
    {
        var count = 0;
        foreach (var limit in limits)
        {
            count += Applies(limit, request, now) ? 1 : 0;
        }

        if (count == limits.Length)
        {
            return limits;
        }

        var applying = new LayoutLimit[count];
        var next = 0;
        foreach (var limit in limits)
        {
            if (Applies(limit, request, now))
            {
                applying[next++] = limit;
            }
        }

        return applying;
    }

    // A meter that the operator has defined is no business of a call that does not name it.
    private static bool Applies(LayoutLimit line, DecisionRequest request, DateTimeOffset now) =>
        line.Limit.AppliesTo(request.Feature, request.Model, request.Channel, now)
        && (line.Limit.Kind == LimitKind.Concurrency || Decisions.Units.IsOfEveryCall(line.Limit.Unit)
            || AuthorizeScript.IndexOf(request.Amounts, line.Limit.Unit) >= 0);

    private static UnitAmount[] UnitsOf(DecisionRequest request, LayoutLimit[] limits, LayoutLimit[] platform, IReadOnlyList<string>? order)
    {
        var units = new List<UnitAmount>(request.Amounts.Count + 4);
        foreach (var unit in order ?? [])
        {
            var index = AuthorizeScript.IndexOf(request.Amounts, unit);
            units.Add(index < 0 ? new UnitAmount(unit, 0, 0) : request.Amounts[index]);
        }

        foreach (var amount in request.Amounts)
        {
            if (AuthorizeScript.IndexOf(units, amount.Unit) < 0)
            {
                units.Add(amount);
            }
        }

        Add(units, limits);
        Add(units, platform);
        return [.. units];
    }

    private static void Add(List<UnitAmount> units, LayoutLimit[] limits)
    {
        foreach (var line in limits)
        {
            if (line.Limit.Kind != LimitKind.Concurrency && AuthorizeScript.IndexOf(units, line.Limit.Unit) < 0)
            {
                units.Add(new UnitAmount(line.Limit.Unit, 0, 0));
            }
        }
    }
}
