using BotGeneric.Gateway.Keys;

namespace BotGeneric.Gateway.Authentication;

/// <summary>The kinds of credential.</summary>
internal enum CredentialKind
{
    /// <summary>None, or none that is valid.</summary>
    None,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>An access token.</summary>
    AccessToken,

    /// <summary>The session cookie.</summary>
    Session,

    /// <summary>The development key.</summary>
    Development,
}

/// <summary>What the edge found out about a request, as a feature of its context.</summary>
internal sealed class EdgeRequest
{
    /// <summary>The credential that was accepted.</summary>
    internal CredentialKind Kind { get; set; }

    /// <summary>The value of <c>Authorization</c> for the service; null to leave the caller's own.</summary>
    internal string? Authorization { get; set; }

    /// <summary>In whose name the caller acts: an organization or a person.</summary>
    internal string? Account { get; set; }

    /// <summary>The key, when it is one.</summary>
    internal ResolvedKey? Key { get; set; }

    /// <summary>True once the request was counted against the limit of its address.</summary>
    internal bool IsAddressCounted { get; set; }

    /// <summary>True when a credential is there and what could tell whether it is valid is not.</summary>
    internal bool IsUnavailable { get; set; }

    /// <summary>True when the credential is valid, but not from this address.</summary>
    internal bool IsForeignNetwork { get; set; }

    internal static EdgeRequest Of(HttpContext context)
    {
        if (context.Features.Get<EdgeRequest>() is { } found)
        {
            return found;
        }

        var request = new EdgeRequest();
        context.Features.Set(request);
        return request;
    }
}
