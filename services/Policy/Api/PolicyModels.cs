using System.Security.Claims;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Api;

/// <summary>A policy in a list.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Version">Its latest version.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Priority">Of two policies of one scope that count the same, the higher one holds.</param>
/// <param name="Mode">Whether it is enforced.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="EffectiveTo">Not from this time on, UTC.</param>
/// <param name="Limits">How many limits it has.</param>
/// <param name="Rules">How many access rules it has.</param>
/// <param name="UpdatedAt">When it was changed last, UTC.</param>
/// <param name="ArchivedAt">When it was taken out of force, UTC.</param>
public sealed record PolicySummary(
    string Code, int Version, string Name, LimitScope Scope, int Priority, PolicyMode Mode, DateTimeOffset? EffectiveFrom, DateTimeOffset? EffectiveTo, int Limits, int Rules,
    DateTimeOffset UpdatedAt, DateTimeOffset? ArchivedAt)
{
    internal static PolicySummary From(LimitPolicy policy) => new(
        policy.Code, policy.Version, policy.Terms.Name, policy.Terms.Scope, policy.Terms.Priority, policy.Terms.Mode, policy.Terms.EffectiveFrom, policy.Terms.EffectiveTo,
        policy.Terms.Document.Limits?.Count ?? 0, policy.Terms.Document.Access?.Count ?? 0, policy.UpdatedAt, policy.ArchivedAt);
}

/// <summary>A policy.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Version">Its latest version; send it with a change.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Selector">Whom it is about; everybody in its scope when empty.</param>
/// <param name="Priority">Of two policies of one scope that count the same, the higher one holds.</param>
/// <param name="Mode">Whether it is enforced.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="EffectiveTo">Not from this time on, UTC.</param>
/// <param name="Document">Its limits and rules.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="UpdatedAt">When it was changed last, UTC.</param>
/// <param name="ArchivedAt">When it was taken out of force, UTC.</param>
public sealed record PolicyDetail(
    string Code, int Version, string Name, LimitScope Scope, PolicySelector? Selector, int Priority, PolicyMode Mode, DateTimeOffset? EffectiveFrom, DateTimeOffset? EffectiveTo,
    PolicyDocument Document, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ArchivedAt)
{
    internal static PolicyDetail From(LimitPolicy policy) => new(
        policy.Code, policy.Version, policy.Terms.Name, policy.Terms.Scope, policy.Terms.Selector, policy.Terms.Priority, policy.Terms.Mode, policy.Terms.EffectiveFrom,
        policy.Terms.EffectiveTo, policy.Terms.Document, policy.CreatedAt, policy.UpdatedAt, policy.ArchivedAt);
}

/// <summary>A version of a policy.</summary>
/// <param name="Version">Its number, 1 for the first.</param>
/// <param name="Change">What was done.</param>
/// <param name="ChangedAt">When, UTC.</param>
/// <param name="ChangedBy">By whom: the subject of the admin's token.</param>
/// <param name="Reason">Why.</param>
/// <param name="Terms">What the policy said, whole.</param>
public sealed record PolicyVersionDetail(int Version, PolicyChange Change, DateTimeOffset ChangedAt, string ChangedBy, string Reason, PolicyTerms Terms)
{
    internal static PolicyVersionDetail From(PolicyVersion version) =>
        new(version.Version, version.Change, version.ChangedAt, version.ChangedBy, version.Reason, version.Terms);
}

/// <summary>A policy to create.</summary>
/// <param name="Code">Its stable name: 1 to 50 lower-case letters, digits and dashes, beginning with a letter.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
/// <param name="Name">Its name for people, 1 to 200 characters.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Document">Its limits and rules.</param>
/// <param name="Selector">Whom it is about; everybody in its scope by default.</param>
/// <param name="Priority">Of two policies of one scope that count the same, the higher one holds; -1,000 to 1,000.</param>
/// <param name="Mode"><c>enforced</c> by default; <c>shadow</c>: evaluated and reported only.</param>
/// <param name="EffectiveFrom">Not before this time.</param>
/// <param name="EffectiveTo">Not from this time on.</param>
public sealed record CreatePolicyRequest(
    string Code, string Reason, string Name, LimitScope Scope, PolicyDocument Document, PolicySelector? Selector = null, int Priority = 0,
    PolicyMode Mode = PolicyMode.Enforced, DateTimeOffset? EffectiveFrom = null, DateTimeOffset? EffectiveTo = null)
{
    internal PolicyTerms Terms => new(Name, Scope, Document, Selector, Priority, Mode, EffectiveFrom, EffectiveTo);
}

/// <summary>What a policy is to say from now on: all of it.</summary>
/// <param name="Version">The version that was read. 409 when it is not the latest any more.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
/// <param name="Name">Its name for people, 1 to 200 characters.</param>
/// <param name="Scope">Whose consumption its limits count.</param>
/// <param name="Document">Its limits and rules.</param>
/// <param name="Selector">Whom it is about; everybody in its scope by default.</param>
/// <param name="Priority">Of two policies of one scope that count the same, the higher one holds; -1,000 to 1,000.</param>
/// <param name="Mode"><c>enforced</c> by default; <c>shadow</c>: evaluated and reported only.</param>
/// <param name="EffectiveFrom">Not before this time.</param>
/// <param name="EffectiveTo">Not from this time on.</param>
public sealed record UpdatePolicyRequest(
    int Version, string Reason, string Name, LimitScope Scope, PolicyDocument Document, PolicySelector? Selector = null, int Priority = 0,
    PolicyMode Mode = PolicyMode.Enforced, DateTimeOffset? EffectiveFrom = null, DateTimeOffset? EffectiveTo = null)
{
    internal PolicyTerms Terms => new(Name, Scope, Document, Selector, Priority, Mode, EffectiveFrom, EffectiveTo);
}

/// <summary>Which version was read, and why something is done.</summary>
/// <param name="Version">The version that was read. 409 when it is not the latest any more.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
public sealed record PolicyVersionRequest(int Version, string Reason);

/// <summary>Why something is done.</summary>
/// <param name="Reason">1 to 500 characters, for other admins.</param>
public sealed record ReasonRequest(string Reason);

/// <summary>Who asks for a change, read from a request.</summary>
internal static class Changes
{
    private const int MaximumReason = 500;

    /// <summary>Reads who and why.</summary>
    internal static ChangeBy? Read(ClaimsPrincipal user, string reason, out ProblemHttpResult? problem)
    {
        var text = reason.Trim();
        problem = text.Length is 0 or > MaximumReason ? ApiProblems.Invalid("/reason", $"Say why in 1 to {MaximumReason} characters.") : null;
        return problem is null ? new ChangeBy(Caller.Of(user).Subject, text) : null;
    }
}
