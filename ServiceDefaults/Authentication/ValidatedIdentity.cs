using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// What a validated access token says. All requests with the token share it, so nobody may change it: a claim that one request added would be a
/// right that others have. Whoever needs more claims gives the principal, which is the request's own, a second identity.
/// </summary>
/// <param name="identity">The identity as the token handler made it.</param>
internal sealed class ValidatedIdentity(ClaimsIdentity identity) : CaseSensitiveClaimsIdentity(identity)
{
    private readonly HashSet<string> _scopes = [.. identity.FindAll(TokenClaims.Scope).SelectMany(claim => claim.Value.Split(' '))];
    private Caller? _caller;

    /// <summary>Who is calling. Read once for all requests with the token.</summary>
    internal Caller Caller => _caller ??= Caller.Read(new ClaimsPrincipal(this));

    /// <summary>The identity of a principal that has this one and no other.</summary>
    /// <param name="user">The principal.</param>
    /// <returns>The identity, or null: the principal is somebody else, or is more than its token says.</returns>
    internal static ValidatedIdentity? Of(ClaimsPrincipal user) =>
        user.Identities is IReadOnlyList<ClaimsIdentity> { Count: 1 } identities ? identities[0] as ValidatedIdentity : null;

    /// <summary>Whether the token has a scope.</summary>
    /// <param name="scope">The scope.</param>
    internal bool HasScope(string scope) => _scopes.Contains(scope);

    public override void AddClaim(Claim claim) => throw Shared();

    public override void AddClaims(IEnumerable<Claim?> claims) => throw Shared();

    public override void RemoveClaim(Claim? claim) => throw Shared();

    public override bool TryRemoveClaim(Claim? claim) => throw Shared();

    private static InvalidOperationException Shared() => new("The claims of an access token are shared by requests. Add an identity to the principal instead.");
}
