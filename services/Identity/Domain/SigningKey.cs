namespace BotGeneric.Identity.Domain;

/// <summary>What a key is for.</summary>
public enum SigningKeyUse
{
    /// <summary>Signs tokens; its public half is in the key set that everybody can read.</summary>
    Signing,

    /// <summary>Encrypts what only the token server itself reads again (codes, refresh tokens).</summary>
    Encryption,
}

/// <summary>
/// A key of the token server. It is announced before it is used, so that whoever remembers the key set knows it in time, and is kept for a
/// while after its use, so that tokens that it signed can be checked to their end.
/// </summary>
public sealed class SigningKey
{
    private SigningKey()
    {
    }

    /// <summary>The key's id, <c>kid</c>.</summary>
    public string Id { get; private init; } = string.Empty;

    /// <summary>What it is for.</summary>
    public SigningKeyUse Use { get; private init; }

    /// <summary>The algorithm in JOSE's terms: <c>ES256</c>, <c>RS256</c>, <c>A256KW</c>.</summary>
    public string Algorithm { get; private init; } = string.Empty;

    /// <summary>The private key, encrypted with the key ring.</summary>
    public string ProtectedKey { get; private init; } = string.Empty;

    /// <summary>When it was made and announced, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>From when on it is used, UTC.</summary>
    public DateTimeOffset ActiveAt { get; private init; }

    /// <summary>Until when it is used, UTC.</summary>
    public DateTimeOffset RetiredAt { get; private init; }

    /// <summary>Until when it is kept for checking, UTC.</summary>
    public DateTimeOffset RemovedAt { get; private init; }

    /// <summary>A new key.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="use">What for.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="protectedKey">The private key, encrypted.</param>
    /// <param name="createdAt">Now, UTC.</param>
    /// <param name="activeAt">From when on it is used, UTC.</param>
    /// <param name="activeFor">How long it is used.</param>
    /// <param name="keptFor">How long it is kept afterwards.</param>
    public static SigningKey Create(
        string id, SigningKeyUse use, string algorithm, string protectedKey, DateTimeOffset createdAt, DateTimeOffset activeAt, TimeSpan activeFor,
        TimeSpan keptFor) => new()
        {
            Id = id,
            Use = use,
            Algorithm = algorithm,
            ProtectedKey = protectedKey,
            CreatedAt = createdAt,
            ActiveAt = activeAt,
            RetiredAt = activeAt + activeFor,
            RemovedAt = activeAt + activeFor + keptFor,
        };
}
