using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Api;

/// <summary>Makes answers of decisions.</summary>
internal static class DecisionAnswers
{
    // Pages of the site. Which plan would allow the call is not known here, only that another plan has other limits.
    private const string Plans = "/pricing";
    private const string Payment = "/app/billing";

    internal static DecisionAnswer Of(Decision decision, DecisionRequest request) => new()
    {
        Decision = decision.IsAllowed ? "allow" : "deny",
        HoldId = decision.HoldId,
        ExpiresAt = decision.ExpiresAt,
        Granted = decision.IsAllowed ? GrantedOf(decision.Granted) : null,
        Reason = decision.Reason is { } reason ? ReasonOf(reason, decision, request) : null,
        Limits = StandingsOf(decision.Limits),
        Degraded = decision.IsDegraded,
    };

    internal static HoldAnswer Of(Guid holdId, HoldStatus hold) => new()
    {
        HoldId = holdId,
        State = hold.State,
        ExpiresAt = hold.ExpiresAt,
        InLedger = hold.IsInLedger,
        Repeated = hold.Outcome == HoldOutcome.Repeated,
        Amounts = [.. hold.Units.Select(unit => new HoldAmount(unit.Unit, new Quantity(unit.Unit, unit.Granted), new Quantity(unit.Unit, unit.Consumed)))],
    };

    internal static LimitStanding StandingOf(LimitOutcome outcome) => new()
    {
        Code = outcome.Limit.Code,
        Policy = outcome.Limit.Policy,
        Scope = Names.Of(outcome.Limit.Scope),
        Kind = Names.Of(outcome.Limit.Kind),
        Unit = outcome.Limit.Unit,
        Limit = new Quantity(outcome.Limit.Unit, outcome.Limit.Maximum),
        Used = outcome.IsUncounted ? null : new Quantity(outcome.Limit.Unit, outcome.Used),
        Held = outcome.IsUncounted ? null : new Quantity(outcome.Limit.Unit, outcome.Held),
        Remaining = outcome.IsUncounted ? null : new Quantity(outcome.Limit.Unit, outcome.Remaining),
        ResetsAt = outcome.ResetsAt,
        Shadow = outcome.Limit.IsShadow,
        Exceeded = outcome.Refuses,
    };

    private static LimitStanding[] StandingsOf(IReadOnlyList<LimitOutcome> outcomes)
    {
        var standings = new LimitStanding[outcomes.Count];
        for (var index = 0; index < standings.Length; index++)
        {
            standings[index] = StandingOf(outcomes[index]);
        }

        return standings;
    }

    internal static GrantedAmounts GrantedOf(IReadOnlyList<UnitAmount> granted)
    {
        long? requests = null, input = null, output = null;
        MoneyAmount? cost = null;
        Dictionary<string, long>? meters = null;
        foreach (var amount in granted)
        {
            // What was not asked for is in the list for the limits' sake.
            if (amount.Need == 0)
            {
                continue;
            }

            switch (amount.Unit)
            {
                case Meters.Requests:
                    requests = amount.Need;
                    break;
                case Meters.InputTokens:
                    input = amount.Need;
                    break;
                case Meters.OutputTokens:
                    output = amount.Need;
                    break;
                case { } unit when Units.IsMoney(unit):
                    cost = new MoneyAmount(Compilation.Amounts.ToText(LimitKind.Budget, amount.Need), unit);
                    break;
                default:
                    (meters ??= [])[amount.Unit] = amount.Need;
                    break;
            }
        }

        return new GrantedAmounts { Requests = requests, InputTokens = input, OutputTokens = output, Cost = cost, Meters = meters };
    }

    private static DecisionReason ReasonOf(string code, Decision decision, DecisionRequest request)
    {
        var limit = decision.RefusedBy;
        var resetsAt = limit?.OpensAt ?? decision.OpenAgainAt;
        var upgrade = code switch
        {
            DecisionReasons.AccountPastDue => Payment,
            DecisionReasons.QuotaExhausted or DecisionReasons.BudgetExhausted or DecisionReasons.RateLimited or DecisionReasons.TooManyAtOnce
                or DecisionReasons.RequestTooLarge or DecisionReasons.HeldByCalls
                when decision.RefusedBy is { Limit.Scope: LimitScope.Plan } => Plans,
            _ => null,
        };
        var details = new DecisionDetails
        {
            Now = decision.At,
            ResetsAt = resetsAt,
            Limit = limit?.Limit,
            Asked = limit is { } refused && decision.Asked is { } asked ? Compilation.Amounts.ToDecimal(refused.Limit.Kind, asked) : null,
            CanUpgrade = upgrade == Plans,
            Denied = code == DecisionReasons.AccessDenied ? request.Model ?? request.Feature : null,
        };
        return new DecisionReason(
            code,
            DecisionTexts.Languages.ToDictionary(language => language.TwoLetterISOLanguageName, language => DecisionTexts.Explain(code, language, details)),
            resetsAt,
            upgrade,
            decision.RefusedBy?.Limit.Code ?? decision.RefusedByPolicy);
    }
}
