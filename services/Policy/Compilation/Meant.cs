using System.Globalization;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;

namespace BotGeneric.Policy.Compilation;

/// <summary>Whether a policy is about a caller, and whose counter its limits have.</summary>
/// <param name="subject">The caller.</param>
/// <param name="isOrganization">Whether the account is known to be an organization.</param>
/// <param name="plans">The plans that entitle the account.</param>
internal sealed class Meant(PolicySubject subject, bool isOrganization, IReadOnlyList<string> plans)
{
    internal const string AccountTarget = "a";
    internal const string PlatformTarget = "p";

    private readonly bool _isOrganization = isOrganization || (subject.UserId is { } user && user != subject.AccountId);

    /// <summary>
    /// The person: whoever is named, also in an organization; an account that is no organization is a person itself. So a person's limits are not passed by leaving the
    /// person out.
    /// </summary>
    internal Guid? Person => subject.UserId ?? (_isOrganization ? null : subject.AccountId);

    internal string? Key => subject.KeyId;

    internal bool Is(ReadPolicy policy)
    {
        var selector = policy.Terms.Selector ?? new PolicySelector();
        return HasPlan(selector.Plans) && policy.Terms.Scope switch
        {
            LimitScope.Organization => selector.Accounts is { Count: > 0 } named ? named.Contains(subject.AccountId) : _isOrganization,
            LimitScope.User => Person is { } person && Names(selector.Users, person) && Names(selector.Accounts, subject.AccountId),
            LimitScope.ApiKey => subject.KeyId is { } key && Names(selector.Keys, key) && Names(selector.Accounts, subject.AccountId),
            _ => true,
        };
    }

    /// <summary>Whose counter a limit has. Only asked for scopes that are about the caller.</summary>
    internal string Target(LimitScope scope) => scope switch
    {
        LimitScope.Platform => PlatformTarget,
        LimitScope.User => string.Create(CultureInfo.InvariantCulture, $"u{Person:N}"),
        LimitScope.ApiKey => $"k{subject.KeyId}",
        _ => AccountTarget,
    };

    private bool HasPlan(IReadOnlyList<string>? named) =>
        named is not { Count: > 0 } || (plans.Count == 0 ? named.Contains(PolicySelector.FreePlan) : named.Any(plans.Contains));

    private static bool Names<T>(IReadOnlyList<T>? named, T one) => named is not { Count: > 0 } || named.Contains(one);
}

/// <summary>Notes when something that depends on the time becomes something else.</summary>
/// <param name="at">The moment that is looked at.</param>
internal sealed class Horizon(DateTimeOffset at)
{
    /// <summary>The earliest moment later than the one that is looked at; null when there is none.</summary>
    internal DateTimeOffset? Next { get; private set; }

    /// <summary>Whether something holds now, and notes its ends.</summary>
    internal bool Holds(DateTimeOffset? from, DateTimeOffset? to)
    {
        Note(from);
        Note(to);
        return (from is null || at >= from) && (to is null || at < to);
    }

    internal void Note(DateTimeOffset? moment)
    {
        if (moment > at && (Next is null || moment < Next))
        {
            Next = moment;
        }
    }
}
