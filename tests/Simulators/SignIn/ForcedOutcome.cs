namespace BotGeneric.Simulators.SignIn;

/// <summary>How a sign-in is to go wrong, instead of well.</summary>
public enum ForcedOutcome
{
    /// <summary>The person cancels.</summary>
    Cancel,

    /// <summary>The provider answers <c>server_error</c>.</summary>
    Error,

    /// <summary>The answer carries another <c>state</c>.</summary>
    WrongState,

    /// <summary>The ID token carries another <c>nonce</c>, even where the provider echoes none.</summary>
    WrongNonce,

    /// <summary>The ID token is for another client.</summary>
    WrongAudience,

    /// <summary>The ID token expired an hour ago.</summary>
    ExpiredToken,

    /// <summary>The ID token names the provider's key and is signed with another.</summary>
    WrongSignature,

    /// <summary>The ID token is of another issuer.</summary>
    WrongIssuer,

    /// <summary>The person's e-mail address is not verified.</summary>
    UnverifiedEmail,

    /// <summary>The ID token says <c>alg: none</c>.</summary>
    UnsignedToken,

    /// <summary>The ID token is signed with HS256 and the published key.</summary>
    SymmetricSignature,

    /// <summary>The token endpoint answers 503 to the first exchange; the code stays valid.</summary>
    TokenEndpointUnavailable,
}
