using BotGeneric.Gateway.Keys;
using Microsoft.AspNetCore.Authentication;

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

    /// <summary>Text in the place of a credential that is neither a key nor a token. Never valid.</summary>
    Unreadable,
}

/// <summary>What the edge found out about a request, as a feature of its context.</summary>
internal sealed class EdgeRequest
{
    private EdgeRequest(Credential presented) => Presented = presented;

    /// <summary>What the request came with, valid or not.</summary>
    internal Credential Presented { get; }

    /// <summary>The credential that was accepted.</summary>
    internal CredentialKind Kind { get; set; }

    /// <summary>The value of <c>Authorization</c> for the service; null to leave the caller's own.</summary>
    internal string? Authorization { get; set; }

    /// <summary>In whose name the caller acts: an organization or a person.</summary>
    internal string? Account { get; set; }

    /// <summary>The key, when it is one.</summary>
    internal ResolvedKey? Key { get; set; }

    /// <summary>The outcome of authentication; null before it.</summary>
    internal AuthenticateResult? Result { get; set; }

    /// <summary>What is known about the key that was presented without asking anybody.</summary>
    internal KeyAnswer? Remembered { get; set; }

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

        var request = new EdgeRequest(Credential.Read(context.Request));
        context.Features.Set(request);
        return request;
    }
}
