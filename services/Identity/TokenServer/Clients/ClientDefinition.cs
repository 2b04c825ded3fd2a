using System.Text.Json;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>What a client is registered with.</summary>
public sealed record ClientDefinition
{
    /// <summary>The grants that a client can have, by the names of the standards.</summary>
    public static IReadOnlyList<string> AllGrants { get; } =
        [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.ClientCredentials, GrantTypes.DeviceCode, GrantTypes.TokenExchange];

    public required string ClientId { get; init; }

    public required string DisplayName { get; init; }

    public bool IsConfidential { get; init; } = true;

    public bool IsFirstParty { get; init; }

    public IReadOnlyList<string> Grants { get; init; } = [];

    public IReadOnlyList<string> Scopes { get; init; } = [];

    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    public IReadOnlyList<string> PostLogoutRedirectUris { get; init; } = [];

    public bool RequiresPushedAuthorization { get; init; }

    public bool MayIntrospect { get; init; }

    public bool MayImpersonate { get; init; }

    public string IdTokenAlgorithm { get; init; } = "ES256";

    /// <summary>Permissions that admins do not give.</summary>
    public IReadOnlyList<string> SystemPermissions { get; init; } = [];

    public bool IsConfigured { get; init; }

    /// <summary>As the token server wants it. What is not defined here is taken away.</summary>
    public void Populate(OpenIddictApplicationDescriptor descriptor)
    {
        descriptor.ClientId = ClientId;
        descriptor.DisplayName = DisplayName;
        descriptor.ClientType = IsConfidential ? ClientTypes.Confidential : ClientTypes.Public;
        descriptor.ConsentType = IsFirstParty ? ConsentTypes.Implicit : ConsentTypes.Explicit;
        // A native application listens on whichever port is free (RFC 8252, section 7.3).
        descriptor.ApplicationType = !IsConfidential && RedirectUris.Any(RedirectAddress.IsLoopback) ? ApplicationTypes.Native : ApplicationTypes.Web;
        Replace(descriptor.RedirectUris, RedirectUris.Select(address => new Uri(address)));
        Replace(descriptor.PostLogoutRedirectUris, PostLogoutRedirectUris.Select(address => new Uri(address)));
        Replace(descriptor.Permissions, PermissionsOf());
        descriptor.Requirements.Clear();
        if (Grants.Contains(GrantTypes.AuthorizationCode))
        {
            descriptor.Requirements.Add(Requirements.Features.ProofKeyForCodeExchange);
        }

        if (RequiresPushedAuthorization)
        {
            descriptor.Requirements.Add(Requirements.Features.PushedAuthorizationRequests);
        }

        descriptor.Settings[TokenServerNames.IdTokenAlgorithmSetting] = IdTokenAlgorithm;
        descriptor.Properties[TokenServerNames.ConfiguredProperty] = JsonSerializer.SerializeToElement(IsConfigured);
    }

    /// <summary>As it was registered.</summary>
    public static ClientDefinition Of(OpenIddictApplicationDescriptor descriptor) => new()
    {
        ClientId = descriptor.ClientId!,
        DisplayName = descriptor.DisplayName ?? descriptor.ClientId!,
        IsConfidential = descriptor.ClientType == ClientTypes.Confidential,
        IsFirstParty = descriptor.ConsentType == ConsentTypes.Implicit,
        Grants = [.. AllGrants.Where(grant => descriptor.Permissions.Contains(Permissions.Prefixes.GrantType + grant))],
        Scopes = [.. TokenServerNames.Scopes.Where(scope => descriptor.Permissions.Contains(Permissions.Prefixes.Scope + scope))],
        RedirectUris = [.. descriptor.RedirectUris.Select(address => address.OriginalString).Order(StringComparer.Ordinal)],
        PostLogoutRedirectUris = [.. descriptor.PostLogoutRedirectUris.Select(address => address.OriginalString).Order(StringComparer.Ordinal)],
        RequiresPushedAuthorization = descriptor.Requirements.Contains(Requirements.Features.PushedAuthorizationRequests),
        MayIntrospect = descriptor.Permissions.Contains(Permissions.Endpoints.Introspection),
        MayImpersonate = descriptor.Permissions.Contains(TokenServerNames.ImpersonationPermission),
        IdTokenAlgorithm = descriptor.Settings.GetValueOrDefault(TokenServerNames.IdTokenAlgorithmSetting, Keys.KeyMaterial.ES256),
        IsConfigured = descriptor.Properties.TryGetValue(TokenServerNames.ConfiguredProperty, out var configured) && configured.ValueKind == JsonValueKind.True,
    };

    private static void Replace<T>(HashSet<T> set, IEnumerable<T> values)
    {
        set.Clear();
        set.UnionWith(values);
    }

    private IEnumerable<string> PermissionsOf()
    {
        yield return Permissions.Endpoints.Token;
        yield return Permissions.Endpoints.Revocation;
        if (Grants.Contains(GrantTypes.AuthorizationCode))
        {
            yield return Permissions.Endpoints.Authorization;
            yield return Permissions.Endpoints.PushedAuthorization;
            yield return Permissions.Endpoints.EndSession;
            yield return Permissions.ResponseTypes.Code;
        }

        if (Grants.Contains(GrantTypes.DeviceCode))
        {
            yield return Permissions.Endpoints.DeviceAuthorization;
        }

        if (MayIntrospect)
        {
            yield return Permissions.Endpoints.Introspection;
        }

        if (MayImpersonate)
        {
            yield return TokenServerNames.ImpersonationPermission;
        }

        foreach (var grant in Grants)
        {
            yield return Permissions.Prefixes.GrantType + grant;
        }

        foreach (var scope in Scopes)
        {
            yield return Permissions.Prefixes.Scope + scope;
        }

        foreach (var permission in SystemPermissions)
        {
            yield return permission;
        }
    }
}

/// <summary>Addresses that a client may be sent back to.</summary>
internal static class RedirectAddress
{
    /// <summary>Whether an address can be registered: https, or http on this machine, exact and without a fragment.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= 500 }
        && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character is '*' or '\\' or '#')
        && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || IsLoopback(text))
        // Compared as text, so it must be written as every browser writes it.
        && !text.Split('?')[0].Contains("/..", StringComparison.Ordinal);

    /// <summary>Whether an address is http on the machine of the person (RFC 8252, section 7.3).</summary>
    public static bool IsLoopback(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback;
}
