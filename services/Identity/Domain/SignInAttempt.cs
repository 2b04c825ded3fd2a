namespace BotGeneric.Identity.Domain;

/// <summary>What an attempt at another provider is for.</summary>
public enum SignInPurpose
{
    /// <summary>Sign in, or register.</summary>
    SignIn,

    /// <summary>Add the identity to the account that is signed in.</summary>
    Link,

    /// <summary>Show a credential once more before something that matters.</summary>
    Confirm,
}

/// <summary>
/// An attempt that is on its way through another provider. The browser carries only a random state (43 characters, because Telegram refuses
/// more than 256); everything else is kept here, is used once, and is bound to the browser that began it.
/// </summary>
public sealed class SignInAttempt
{
    private SignInAttempt()
    {
    }

    /// <summary>SHA-256 of the state.</summary>
    public byte[] StateHash { get; private init; } = [];

    /// <summary>SHA-256 of the secret in the cookie of the browser that began it.</summary>
    public byte[] BrowserHash { get; private init; } = [];

    /// <summary>The provider.</summary>
    public string Provider { get; private init; } = string.Empty;

    /// <summary>What it is for.</summary>
    public SignInPurpose Purpose { get; private init; }

    /// <summary>Whose account it is for, when somebody is signed in.</summary>
    public Guid? UserId { get; private init; }

    /// <summary>The session that it belongs to, when somebody is signed in.</summary>
    public Guid? SessionId { get; private init; }

    /// <summary>The nonce that was sent.</summary>
    public string Nonce { get; private init; } = string.Empty;

    /// <summary>The verifier whose challenge was sent (RFC 7636).</summary>
    public string CodeVerifier { get; private init; } = string.Empty;

    /// <summary>Where to go afterwards: a path of ours.</summary>
    public string ReturnUrl { get; private init; } = "/";

    /// <summary>When it is too late, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>When it was used, UTC.</summary>
    public DateTimeOffset? ConsumedAt { get; private init; }

    /// <summary>A new attempt.</summary>
    /// <param name="stateHash">SHA-256 of the state.</param>
    /// <param name="browserHash">SHA-256 of the browser's secret.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="session">The session that is signed in, or null.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="codeVerifier">The verifier.</param>
    /// <param name="returnUrl">Where to go afterwards; checked by the caller to be a path of ours.</param>
    /// <param name="expiresAt">When it is too late, UTC.</param>
    public static SignInAttempt Begin(
        byte[] stateHash, byte[] browserHash, string provider, SignInPurpose purpose, UserSession? session, string nonce, string codeVerifier,
        string returnUrl, DateTimeOffset expiresAt) => new()
        {
            StateHash = stateHash,
            BrowserHash = browserHash,
            Provider = provider,
            Purpose = purpose,
            UserId = session?.UserId,
            SessionId = session?.Id,
            Nonce = nonce,
            CodeVerifier = codeVerifier,
            ReturnUrl = returnUrl,
            ExpiresAt = expiresAt,
        };
}

/// <summary>A proof that may be shown once (a Mini App's data, a widget's), remembered until it is too old to be shown at all.</summary>
/// <param name="hash">SHA-256 of the proof.</param>
/// <param name="expiresAt">Until when it must be remembered, UTC.</param>
public sealed class UsedProof(byte[] hash, DateTimeOffset expiresAt)
{
    /// <summary>SHA-256 of the proof.</summary>
    public byte[] Hash { get; private init; } = hash;

    /// <summary>Until when it must be remembered, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; } = expiresAt;
}
