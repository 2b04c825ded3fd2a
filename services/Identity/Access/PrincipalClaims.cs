using System.Security.Claims;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.Identity.Access;

/// <summary>What the endpoints of this service read from a validated token.</summary>
internal static class PrincipalClaims
{
    /// <summary>The person; null for a client that acts for itself.</summary>
    public static Guid? PersonId(this ClaimsPrincipal user) =>
        user.FindFirstValue("sub") is var subject && subject != user.FindFirstValue("client_id") && Guid.TryParse(subject, out var id) ? id : null;

    /// <summary>The session that the token belongs to; null for a key.</summary>
    public static Guid? SessionId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue("sid"), out var id) ? id : null;

    /// <summary>The organization in whose name the token acts; null: in the person's own.</summary>
    public static Guid? OrganizationId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(ApiClaims.Organization), out var id) ? id : null;

    /// <summary>The API key that the token stands for: its eight characters.</summary>
    public static string? KeyId(this ClaimsPrincipal user) => user.FindFirstValue(ApiClaims.KeyId);

    /// <summary>What the token allows.</summary>
    public static IReadOnlySet<string> Scopes(this ClaimsPrincipal user) => user.FindAll("scope")
        .SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToHashSet(StringComparer.Ordinal);
}
