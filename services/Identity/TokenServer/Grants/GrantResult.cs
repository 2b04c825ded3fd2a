using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace BotGeneric.Identity.TokenServer.Grants;

/// <summary>What became of a request for a token.</summary>
internal sealed record GrantResult
{
    private GrantResult()
    {
    }

    /// <summary>What the token says; null when there is none.</summary>
    public ClaimsPrincipal? Principal { get; private init; }

    /// <summary>Members of the answer beyond those of the standard.</summary>
    public IReadOnlyDictionary<string, OpenIddictParameter> Members { get; init; } = new Dictionary<string, OpenIddictParameter>();

    /// <summary>The error of RFC 6749, section 5.2; null when there is a token.</summary>
    public string? Error { get; private init; }

    /// <summary>The error in words, for a developer.</summary>
    public string? Description { get; private init; }

    public static GrantResult Granted(ClaimsPrincipal principal, IReadOnlyDictionary<string, OpenIddictParameter>? members = null) =>
        new() { Principal = principal, Members = members ?? new Dictionary<string, OpenIddictParameter>() };

    public static GrantResult Refused(string error, string description) => new() { Error = error, Description = description };

    /// <summary>The one answer to every credential that is worth nothing, whatever the reason is.</summary>
    public static GrantResult Invalid(string description = "The grant is not valid any more. Sign in again.") =>
        Refused(OpenIddictConstants.Errors.InvalidGrant, description);

    public Results<SignInHttpResult, ForbidHttpResult> ToResult()
    {
        var members = Members.ToDictionary(member => member.Key, object? (member) => member.Value);
        return Principal is null
            ? Refusal(Error!, Description!, members)
            : TypedResults.SignIn(
                Principal, new AuthenticationProperties(new Dictionary<string, string?>(), members), OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>An error as the token server sends it.</summary>
    public static ForbidHttpResult Refusal(string error, string description, IDictionary<string, object?>? members = null) => TypedResults.Forbid(
        new AuthenticationProperties(
            new Dictionary<string, string?>
            {
                [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
                [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
            },
            members),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
