using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Who is calling, as the validated access token says.</summary>
public sealed class Caller
{
    private readonly ClaimsPrincipal _user;

    private Caller(ClaimsPrincipal user)
    {
        _user = user;
        Subject = user.FindFirstValue(TokenClaims.Subject) ?? string.Empty;
        // A client that acts for itself is its own subject (RFC 9068, section 2.2), also when its id happens to be a UUID.
        IsService = Subject.Length > 0 && user.FindFirstValue(TokenClaims.ClientId) == Subject;
        UserId = !IsService && Guid.TryParseExact(Subject, "D", out var id) ? id : null;
        OrganizationId = Guid.TryParseExact(user.FindFirstValue(ApiClaims.Organization), "D", out var organization) ? organization : null;
        OrganizationRole = OrganizationId is null ? null : user.FindFirstValue(ApiClaims.OrganizationRole);
        KeyId = user.FindFirstValue(ApiClaims.KeyId);
        var actor = user.FindFirstValue(ApiClaims.Actor);
        ActorId = ReadActor(actor);
        ImpersonatorId = Guid.TryParse(ActorId, out var impersonator) ? impersonator : null;
        // An actor that cannot be read may be a person.
        IsImpersonated = actor is not null && (ActorId is null || ImpersonatorId is not null);
        SessionId = user.FindFirstValue(TokenClaims.SessionId);
        IsAdmin = user.IsInRole(ApiPolicies.AdminRole) && Has(ApiScopes.Admin);
    }

    /// <summary>The token's <c>sub</c>: a person's id, or the id of a client that acts for itself. Empty without a token.</summary>
    public string Subject { get; }

    /// <summary>The person; null when a client acts for itself.</summary>
    public Guid? UserId { get; }

    /// <summary>The organization in whose name the person acts; null in one's own.</summary>
    public Guid? OrganizationId { get; }

    /// <summary>The person's role in <see cref="OrganizationId"/>: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>billing</c>.</summary>
    public string? OrganizationRole { get; }

    /// <summary>Whose limits, usage and subscriptions are meant: the organization, else the person; null for a client that acts for itself.</summary>
    public Guid? AccountId => OrganizationId ?? UserId;

    /// <summary>
    /// Whether the caller runs the system and holds a token made for it: role and scope. An admin's key without the scope is an ordinary
    /// person's.
    /// </summary>
    public bool IsAdmin { get; }

    /// <summary>Whether a client acts for itself (client credentials), not for a person.</summary>
    public bool IsService { get; }

    /// <summary>The API key that the token stands for.</summary>
    public string? KeyId { get; }

    /// <summary>Who acts in the person's name (RFC 8693): an admin who impersonates, a bot.</summary>
    public string? ActorId { get; }

    /// <summary>The person who acts in the name of the token's person: an admin who impersonates. Null for a bot or a service, which is a client.</summary>
    public Guid? ImpersonatorId { get; }

    /// <summary>
    /// Whether another person acts in the name of the token's person, or might: an actor that cannot be read counts. A client that passes a person's
    /// wish on does not.
    /// </summary>
    public bool IsImpersonated { get; }

    /// <summary>The session that the token belongs to.</summary>
    public string? SessionId { get; }

    /// <summary>Reads a principal that the authentication of this process has made.</summary>
    /// <param name="user">The request's user.</param>
    /// <returns>The caller. Of a request without a token: nobody, without an account.</returns>
    public static Caller Of(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return ValidatedIdentity.Of(user)?.Caller ?? Read(user);
    }

    /// <summary>Reads a principal's claims.</summary>
    /// <param name="user">The principal.</param>
    internal static Caller Read(ClaimsPrincipal user) => new(user);

    /// <summary>Whether the token has a scope. Endpoints demand theirs by <see cref="AccessExtensions.RequireScope"/>.</summary>
    /// <param name="scope">One of <see cref="ApiScopes"/>.</param>
    public bool Has(string scope) => TokenClaims.HasScope(_user, scope);

    // An object with a `sub` of its own, or a bare text from an issuer that flattens claims.
    private static string? ReadActor(string? actor)
    {
        if (string.IsNullOrEmpty(actor) || actor[0] != '{')
        {
            return string.IsNullOrEmpty(actor) ? null : actor;
        }

        try
        {
            using var json = JsonDocument.Parse(actor);
            return json.RootElement.TryGetProperty(TokenClaims.Subject, out var subject) && subject.ValueKind == JsonValueKind.String
                && subject.GetString() is { Length: > 0 } id
                ? id
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
