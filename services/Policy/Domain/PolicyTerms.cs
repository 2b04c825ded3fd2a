using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Domain;

/// <summary>Whether a policy is enforced.</summary>
public enum PolicyMode
{
    /// <summary>Its limits and rules refuse.</summary>
    Enforced,

    /// <summary>Its limits and rules are evaluated and reported, and refuse nothing.</summary>
    Shadow,
}

/// <summary>The windows that have names.</summary>
public enum NamedWindow
{
    /// <summary>Midnight to midnight, UTC.</summary>
    Day,

    /// <summary>The first of a month to the first of the next, UTC.</summary>
    Month,

    /// <summary>The period that the account has paid for; a calendar month while there is none.</summary>
    BillingPeriod,
}

/// <summary>Whom a policy is about. Every list that is not empty must be met; empty lists and no selector at all mean everybody in the policy's scope.</summary>
/// <param name="Plans">Codes of plans, one of which entitles the account; <c>free</c> means accounts that no plan entitles.</param>
/// <param name="Accounts">Accounts: organizations or persons.</param>
/// <param name="Users">Persons.</param>
/// <param name="Keys">Ids of API keys.</param>
public sealed record PolicySelector(
    IReadOnlyList<string>? Plans = null, IReadOnlyList<Guid>? Accounts = null, IReadOnlyList<Guid>? Users = null, IReadOnlyList<string>? Keys = null)
{
    /// <summary>Stands for accounts that no plan entitles.</summary>
    public const string FreePlan = "free";
}

/// <summary>A limit as a policy states it.</summary>
/// <param name="Code">Its name within the policy: 1 to 50 lower-case letters, digits and dashes.</param>
/// <param name="Kind"><c>rate</c>: units in a sliding window. <c>quota</c>: units in a named window. <c>budget</c>: money in a named window. <c>concurrency</c>: calls at the same time.</param>
/// <param name="Unit">The meter's code; for a budget the ISO 4217 code of the currency; for concurrency <c>calls</c>.</param>
/// <param name="Maximum">What is allowed, as decimal text: whole units, money with at most 9 digits after the point.</param>
/// <param name="Window">The window of a quota or a budget.</param>
/// <param name="Seconds">The length of a rate's sliding window, 1 to 86,400.</param>
/// <param name="Feature">The features that it counts: a name, or the beginning of names followed by <c>*</c>; everything by default.</param>
/// <param name="Model">The models that it counts, likewise.</param>
/// <param name="Channel">The channels that it counts, likewise.</param>
/// <param name="OnFailure">What it says while the counters cannot be reached; <c>deny</c> by default.</param>
/// <param name="AllowWhileDown">Units let pass then in each process for each account under <c>allowThenDeny</c>, as decimal text like the maximum.</param>
public sealed record LimitDefinition(
    string Code,
    LimitKind Kind,
    string Unit,
    string Maximum,
    NamedWindow? Window = null,
    int? Seconds = null,
    string? Feature = null,
    string? Model = null,
    string? Channel = null,
    FailureMode OnFailure = FailureMode.Deny,
    string? AllowWhileDown = null);

/// <summary>Whether something may be used. The first rule that matches decides.</summary>
/// <param name="Allow">What the rule says.</param>
/// <param name="Feature">The features meant: a name, or the beginning of names followed by <c>*</c>; everything by default.</param>
/// <param name="Model">The models meant, likewise.</param>
/// <param name="Channel">The channels meant, likewise.</param>
public sealed record AccessDefinition(bool Allow, string? Feature = null, string? Model = null, string? Channel = null);

/// <summary>What a policy says.</summary>
/// <param name="Limits">Its limits.</param>
/// <param name="Access">Its access rules, in the order in which they are tried.</param>
public sealed record PolicyDocument(IReadOnlyList<LimitDefinition>? Limits = null, IReadOnlyList<AccessDefinition>? Access = null);

/// <summary>Everything about a policy that an admin decides. A version of the policy is one of these, whole.</summary>
/// <param name="Name">Its name for people, 1 to 200 characters.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Document">Its limits and rules.</param>
/// <param name="Selector">Whom it is about; everybody in its scope by default.</param>
/// <param name="Priority">Of two policies of one scope that count the same, the higher one holds; -1,000 to 1,000.</param>
/// <param name="Mode"><c>enforced</c> by default.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="EffectiveTo">Not from this time on, UTC.</param>
public sealed record PolicyTerms(
    string Name,
    LimitScope Scope,
    PolicyDocument Document,
    PolicySelector? Selector = null,
    int Priority = 0,
    PolicyMode Mode = PolicyMode.Enforced,
    DateTimeOffset? EffectiveFrom = null,
    DateTimeOffset? EffectiveTo = null);
