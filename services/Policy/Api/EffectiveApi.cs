using System.ComponentModel;
using BotGeneric.Policy.Compilation;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Api;

/// <summary>What holds for a caller, and why.</summary>
public static class EffectiveApi
{
    /// <summary>Maps <c>/api/admin/policies/effective</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapEffectiveApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/policies")
            .WithTags("Accounts")
            .RequireAuthorization(ApiPolicies.Admin)
            .MapGet("/effective", GetAsync)
            .WithSummary("See which limits hold for a caller, and why");

    /// <summary>
    /// The limits, access rules, credits and the standing of a caller as they are now, each with where it comes from, and the limits that do not hold, with what holds
    /// instead. Read anew, past every memory.
    /// </summary>
    internal static async Task<Ok<EffectiveLimitsAnswer>> GetAsync(
        ICompiledAccountsExplainer accounts,
        CancellationToken cancellationToken,
        [Description("The account: an organization or a person.")] Guid account,
        [Description("The person who acts for the account; the account itself by default, where it is a person.")] Guid? user = null,
        [Description("The API key.")] string? key = null)
    {
        var result = await accounts.ExplainAsync(new PolicySubject(account, user, key), cancellationToken);
        return TypedResults.Ok(EffectiveLimitsAnswer.From(result));
    }
}

/// <summary>Which limits hold for a caller, and why.</summary>
/// <param name="Account">The account.</param>
/// <param name="User">The person.</param>
/// <param name="Key">The API key.</param>
/// <param name="Standing">The standing of the account, and of the person in it; the worse of the two.</param>
/// <param name="StandingUntil">Until when, UTC.</param>
/// <param name="Plans">The plans that entitle the account; empty on the free allowance.</param>
/// <param name="PeriodStart">Start of the period that is paid for, UTC.</param>
/// <param name="PeriodEnd">Its end, UTC.</param>
/// <param name="ChangesAt">When any of this becomes something else by itself, UTC; null: never.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Access">The access rules, the one that decides first comes first.</param>
/// <param name="Grants">The credits, in the order in which they are used.</param>
/// <param name="LeftOut">Limits that are about the caller and do not hold.</param>
public sealed record EffectiveLimitsAnswer(
    Guid Account, Guid? User, string? Key, AccountStanding Standing, DateTimeOffset? StandingUntil, IReadOnlyList<string> Plans, DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd, DateTimeOffset? ChangesAt, IReadOnlyList<EffectiveLimit> Limits, IReadOnlyList<EffectiveRule> Access, IReadOnlyList<EffectiveGrant> Grants,
    IReadOnlyList<LimitLeftOut> LeftOut)
{
    internal static EffectiveLimitsAnswer From(CompiledResult result) => new(
        result.Account.Subject.AccountId,
        result.Account.Subject.UserId,
        result.Account.Subject.KeyId,
        result.Account.Standing,
        result.Account.StandingUntil,
        result.Account.Plans,
        result.Account.Period?.Start,
        result.Account.Period?.End,
        result.Until,
        [.. result.Sources.Select(EffectiveLimit.From)],
        [.. result.Account.Access.Select(rule => new EffectiveRule(
            rule.Policy, rule.IsAllowed, rule.Feature.ToString(), rule.Model.ToString(), rule.Channel.ToString(), rule.IsShadow))],
        [.. result.Account.Grants.Select(grant => new EffectiveGrant(
            grant.Id, grant.Unit, Amounts.ToText(PolicyCompiler.KindOf(grant.Unit), grant.Amount), grant.EffectiveFrom, grant.ExpiresAt))],
        result.LeftOut);
}

/// <summary>A limit that holds.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Policy">The policy it stands in; <c>plan</c> for an entitlement, <c>override</c> where only an override makes it.</param>
/// <param name="PolicyVersion">The policy's version.</param>
/// <param name="Priority">The policy's priority.</param>
/// <param name="Scope">Whose consumption it counts.</param>
/// <param name="Kind">How it counts.</param>
/// <param name="Unit">The meter's code, the currency, or <c>calls</c>.</param>
/// <param name="Maximum">What is allowed.</param>
/// <param name="Window">The kind of its window.</param>
/// <param name="Seconds">The length of a sliding window.</param>
/// <param name="Feature">The features that it counts.</param>
/// <param name="Model">The models that it counts.</param>
/// <param name="Channel">The channels that it counts.</param>
/// <param name="Shadow">Whether it is only evaluated.</param>
/// <param name="OnFailure">What it says while the counters cannot be reached.</param>
/// <param name="OverrideId">The override that sets its maximum.</param>
/// <param name="WithoutOverride">Its maximum without that.</param>
/// <param name="Counter">The name of its counter: limits with the same one count together.</param>
public sealed record EffectiveLimit(
    string Code, string Policy, int? PolicyVersion, int? Priority, LimitScope Scope, LimitKind Kind, string Unit, string Maximum, LimitWindowKind Window, int? Seconds,
    string Feature, string Model, string Channel, bool Shadow, FailureMode OnFailure, Guid? OverrideId, string? WithoutOverride, string Counter)
{
    internal static EffectiveLimit From(LimitSource source)
    {
        var limit = source.Limit;
        return new EffectiveLimit(
            limit.Code, limit.Policy, source.PolicyVersion, source.Priority, limit.Scope, limit.Kind, limit.Unit, Amounts.ToText(limit.Kind, limit.Maximum), limit.Window,
            limit.Window == LimitWindowKind.Sliding ? (int)limit.Length.TotalSeconds : null, limit.Feature.ToString(), limit.Model.ToString(), limit.Channel.ToString(),
            limit.IsShadow, limit.OnFailure, source.OverrideId, source.Original is { } original ? Amounts.ToText(limit.Kind, original) : null, limit.Counter);
    }
}

/// <summary>An access rule that holds.</summary>
/// <param name="Policy">The policy it stands in.</param>
/// <param name="Allow">What it says.</param>
/// <param name="Feature">The features meant.</param>
/// <param name="Model">The models meant.</param>
/// <param name="Channel">The channels meant.</param>
/// <param name="Shadow">Whether it is only evaluated.</param>
public sealed record EffectiveRule(string Policy, bool Allow, string Feature, string Model, string Channel, bool Shadow);

/// <summary>A credit that can be used.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Unit">The meter's code or the currency.</param>
/// <param name="Amount">Units or money, with what was used of it.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="ExpiresAt">Not from this time on, UTC.</param>
public sealed record EffectiveGrant(Guid Id, string Unit, string Amount, DateTimeOffset EffectiveFrom, DateTimeOffset? ExpiresAt);
