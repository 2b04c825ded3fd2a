using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Who makes or changes keys, and how far that reaches: no key is wider than what its maker holds at that moment.</summary>
/// <param name="UserId">The person.</param>
/// <param name="Scopes">What the maker's own credential allows; a browser session allows everything that is the person's.</param>
/// <param name="IsAdmin">Whether the maker's credential counts as an admin's: the role, and the second factor that it demands.</param>
/// <param name="KeyId">The key with which the maker calls; null: none.</param>
public sealed record KeyMaker(Guid UserId, IReadOnlySet<string> Scopes, bool IsAdmin, string? KeyId)
{
    /// <summary>The caller of an API endpoint.</summary>
    /// <param name="user">The validated token.</param>
    public static KeyMaker Of(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new KeyMaker(user.PersonId()!.Value, user.Scopes(), user.IsInRole(ApiPolicies.AdminRole), user.KeyId());
    }

    /// <summary>Somebody at a page.</summary>
    /// <param name="current">Who is signed in.</param>
    /// <param name="secondFactorIsDemanded">Whether the role of an admin counts only with a second factor.</param>
    public static KeyMaker Of(CurrentSession current, bool secondFactorIsDemanded)
    {
        ArgumentNullException.ThrowIfNull(current);
        var isAdmin = current.User.IsAdmin && (current.Session.HasSecondFactor || !secondFactorIsDemanded);
        return new KeyMaker(
            current.User.Id, (isAdmin ? ApiScopes.All : KeyScopes.ForPeople).ToHashSet(StringComparer.Ordinal), isAdmin, null);
    }

    /// <summary>Whether the maker may give a key this scope, as far as the maker's own rights go.</summary>
    /// <param name="scope">One of <see cref="ApiScopes"/>.</param>
    public bool Holds(string scope) => Scopes.Contains(scope) && (scope != ApiScopes.Admin || IsAdmin);
}

/// <summary>What a key is to be.</summary>
/// <param name="OrganizationId">The organization in whose name it acts; null: in the person's own.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">Until when it works; null: until it is revoked.</param>
/// <param name="AllowedNetworks">From where it may be used; null or empty: from anywhere.</param>
/// <param name="RequestsPerMinute">Its own limit; null: only those of the account.</param>
public sealed record KeyRequest(
    Guid? OrganizationId, string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt, IReadOnlyList<string>? AllowedNetworks, int? RequestsPerMinute);
