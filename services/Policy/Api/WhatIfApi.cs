using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;
using BotGeneric.Policy.WhatIf;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Api;

/// <summary>What a policy would have done.</summary>
public static class WhatIfApi
{
    private const string DraftCode = "draft";
    private const int MostAccounts = 500;
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(31);
    private static readonly TimeSpan LongestSpanOfOne = TimeSpan.FromDays(366);

    /// <summary>Maps <c>/api/admin/policies/what-if</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapWhatIfApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/policies")
            .WithTags("Policies")
            .RequireAuthorization(ApiPolicies.Admin)
            .MapPost("/what-if", RunAsync)
            .WithSummary("Replay a draft policy over recorded usage");

    /// <summary>
    /// Says who would have been refused had the draft alone been in force: rates, quotas, budgets and access rules, exactly, call by call in order of time. What would have
    /// been refused counts towards nothing. Plans and billing periods are taken as they are now. Nothing is changed. After some seconds the answer says how far it came.
    /// 503 when Usage cannot be read.
    /// </summary>
    internal static async Task<Results<Ok<WhatIfAnswer>, ProblemHttpResult>> RunAsync(
        WhatIfRequest body, HttpContext context, WhatIfStudy study, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        var longest = body.Account is null ? LongestSpan : LongestSpanOfOne;
        findings.Add("/to", body.To <= body.From || body.To - body.From > longest ? $"Send a time later than from, by at most {longest.Days} days." : null);
        var policy = PolicyReader.Read(DraftCode, 0, body.Terms, findings);
        if (policy is null || !findings.IsEmpty)
        {
            return ApiProblems.Invalid(findings.ToErrors());
        }

        try
        {
            var result = await study.RunAsync(policy, body.From, body.To, body.Account, context.Request.Headers.Authorization, cancellationToken);
            return TypedResults.Ok(Answer(policy, result));
        }
        catch (UsageUnavailableException exception)
        {
            return ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, $"Recorded usage cannot be read at the moment: {exception.Message}");
        }
    }

    private static WhatIfAnswer Answer(ReadPolicy policy, StudyResult result)
    {
        var accounts = result.Replay.Accounts.OrderByDescending(account => account.Refused).ThenBy(account => account.AccountId).ToList();
        return new WhatIfAnswer(
            result.End,
            result.JudgedUntil,
            result.Replay.Calls,
            result.Replay.Refused,
            result.Replay.Corrections,
            result.Replay.Unpriced,
            accounts.Count,
            [.. accounts.SelectMany(account => account.Limits).GroupBy(limit => limit.Key, StringComparer.Ordinal)
                .Select(group => new WhatIfLimit(group.Key, group.Sum(limit => limit.Value.Refused), group.Min(limit => limit.Value.First)))
                .OrderByDescending(limit => limit.Refused).ThenBy(limit => limit.Limit, StringComparer.Ordinal)],
            [.. accounts.Take(MostAccounts).Select(account => new WhatIfAccount(
                account.AccountId,
                account.Calls,
                account.Refused,
                account.First,
                [.. account.Limits.Select(limit => new WhatIfLimit(limit.Key, limit.Value.Refused, limit.Value.First))
                    .OrderByDescending(limit => limit.Refused).ThenBy(limit => limit.Limit, StringComparer.Ordinal)]))],
            [.. policy.Limits.Select(limit => (limit.Code, Reason: NotJudged(limit))).Where(limit => limit.Reason is not null)
                .Select(limit => new WhatIfNotJudged(limit.Code, limit.Reason!))]);
    }

    private static string? NotJudged(ReadLimit limit) => limit.Counted switch
    {
        { Kind: LimitKind.Concurrency } => "How long calls took is not recorded.",
        { Kind: LimitKind.Budget } => null,
        { Unit: var unit } when !Contracts.Meters.All.Contains(unit) => "The replay knows calls and tokens only, not the meters that were defined here.",
        _ => null,
    };
}

/// <summary>A draft policy, and which recorded usage to replay it over.</summary>
/// <param name="From">The first moment.</param>
/// <param name="To">The first moment after; at most 31 days later, of one account 366.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Document">Its limits and rules.</param>
/// <param name="Selector">Whom it is about; everybody in its scope by default.</param>
/// <param name="Account">Only this account's usage.</param>
public sealed record WhatIfRequest(
    DateTimeOffset From, DateTimeOffset To, LimitScope Scope, PolicyDocument Document, PolicySelector? Selector = null, Guid? Account = null)
{
    internal PolicyTerms Terms => new("Draft", Scope, Document, Selector);
}

/// <summary>What a draft policy would have refused.</summary>
/// <param name="End"><c>complete</c>; <c>timeLimit</c> or <c>memoryLimit</c>: the numbers are of what was judged until then, ask for less.</param>
/// <param name="JudgedUntil">The time of the last call that was judged, UTC.</param>
/// <param name="Calls">Calls that the policy was asked about.</param>
/// <param name="Refused">Those that it would have refused.</param>
/// <param name="Corrections">Corrections, which were left out.</param>
/// <param name="Unpriced">Calls that a budget could not count: without a known price in its currency.</param>
/// <param name="RefusedAccounts">Accounts that would have been refused something.</param>
/// <param name="Limits">What each limit would have refused; access rules as <c>access/0</c> and so on.</param>
/// <param name="Accounts">Up to 500 of the accounts, most refusals first.</param>
/// <param name="NotJudged">Limits that a replay cannot judge.</param>
public sealed record WhatIfAnswer(
    ReplayEnd End, DateTimeOffset? JudgedUntil, long Calls, long Refused, long Corrections, long Unpriced, int RefusedAccounts, IReadOnlyList<WhatIfLimit> Limits,
    IReadOnlyList<WhatIfAccount> Accounts, IReadOnlyList<WhatIfNotJudged> NotJudged);

/// <summary>An account that would have been refused something.</summary>
/// <param name="Account">The account.</param>
/// <param name="Calls">Its calls that the policy was asked about.</param>
/// <param name="Refused">Those that would have been refused.</param>
/// <param name="First">When for the first time, UTC.</param>
/// <param name="Limits">By which limits.</param>
public sealed record WhatIfAccount(Guid Account, long Calls, long Refused, DateTimeOffset First, IReadOnlyList<WhatIfLimit> Limits);

/// <summary>What a limit would have refused.</summary>
/// <param name="Limit">The limit's code in the draft, or <c>access/</c> and the place of a rule.</param>
/// <param name="Refused">Calls.</param>
/// <param name="First">When for the first time, UTC.</param>
public sealed record WhatIfLimit(string Limit, long Refused, DateTimeOffset First);

/// <summary>A limit that a replay cannot judge.</summary>
/// <param name="Limit">The limit's code in the draft.</param>
/// <param name="Reason">Why.</param>
public sealed record WhatIfNotJudged(string Limit, string Reason);
