using System.Collections.Frozen;
using System.Net;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using Microsoft.AspNetCore.Authentication;
using IPNetwork = System.Net.IPNetwork;

namespace BotGeneric.Gateway.Keys;

/// <summary>What a key stands for. Shared by all requests that use it while it is remembered, so nothing in it changes.</summary>
internal sealed class ResolvedKey
{
    private static readonly FrozenSet<string> Passed = new[]
    {
        "sub", "client_id", "scope", ApiClaims.Role, ApiClaims.Organization, ApiClaims.OrganizationRole, ApiClaims.KeyId,
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly IPNetwork[] _networks;

    private ResolvedKey(string id, string account, ClaimsPrincipal principal, IPNetwork[] networks, TokenAnswer answer)
    {
        Id = id;
        Account = account;
        Subject = principal.FindFirst("sub")?.Value ?? account;
        RequestsPerMinute = answer.RequestsPerMinute;
        Services = ServiceScopes.Of(principal);
        Authorization = "Bearer " + answer.AccessToken;
        Result = AuthenticateResult.Success(new AuthenticationTicket(principal, EdgeSchemes.Edge));
        _networks = networks;
    }

    /// <summary>The eight characters that it is looked up by.</summary>
    internal string Id { get; }

    /// <summary>Whose key it is.</summary>
    internal string Account { get; }

    /// <summary>The person who acts through it.</summary>
    internal string Subject { get; }

    /// <summary>Its own limit; null for the one that every key has.</summary>
    internal int? RequestsPerMinute { get; }

    /// <summary>The services that it has a scope of.</summary>
    internal FrozenSet<string> Services { get; }

    /// <summary>The header for the services.</summary>
    internal string Authorization { get; }

    /// <summary>The outcome of authentication.</summary>
    internal AuthenticateResult Result { get; }

    /// <summary>Reads an answer of the token server.</summary>
    /// <returns>Null when it is not complete, or names a network that cannot be read: then nobody knows where the key may be used.</returns>
    internal static ResolvedKey? Read(TokenAnswer answer)
    {
        if (answer is not { KeyId.Length: > 0, AccountId.Length: > 0 } || answer.RequestsPerMinute <= 0)
        {
            return null;
        }

        var networks = new IPNetwork[answer.AllowedNetworks?.Count ?? 0];
        for (var index = 0; index < networks.Length; index++)
        {
            if (!IPNetwork.TryParse(answer.AllowedNetworks![index], out networks[index]))
            {
                return null;
            }
        }

        var claims = SessionTicket.ClaimsOf(answer.AccessToken).Where(claim => Passed.Contains(claim.Type)).Select(claim => new Claim(claim.Type, claim.Value)).ToList();
        if (!claims.Exists(claim => claim.Type == "sub"))
        {
            claims.Add(new Claim("sub", answer.AccountId));
        }

        var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, EdgeSchemes.Edge, nameType: "sub", roleType: ApiClaims.Role));
        return new ResolvedKey(answer.KeyId, answer.AccountId, principal, networks, answer);
    }

    /// <summary>Whether the key may be used from an address.</summary>
    internal bool IsAllowedFrom(IPAddress? address)
    {
        if (_networks.Length == 0)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }
}
