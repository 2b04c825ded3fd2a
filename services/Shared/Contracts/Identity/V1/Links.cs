namespace BotGeneric.Contracts.Identity.V1;

/// <summary>A person proved to own an identity at another provider, and can sign in with it from now on.</summary>
public sealed record IdentityLinked : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>One of <see cref="IdentityProviders"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>
    /// The id under which the provider's own API knows the person, where that differs from the sign-in's subject: for Telegram the Bot API's
    /// user id, which joins chats to people. Null where there is none.
    /// </summary>
    public string? ProviderUserId { get; init; }
}

/// <summary>A person no longer signs in with an identity at another provider.</summary>
public sealed record IdentityUnlinked : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The person.</summary>
    public required Guid UserId { get; init; }

    /// <summary>One of <see cref="IdentityProviders"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>The same id as in <see cref="IdentityLinked.ProviderUserId"/>.</summary>
    public string? ProviderUserId { get; init; }
}

/// <summary>Where people can have an identity besides here.</summary>
public static class IdentityProviders
{
    /// <summary>Google.</summary>
    public const string Google = "google";

    /// <summary>Apple.</summary>
    public const string Apple = "apple";

    /// <summary>Telegram, whichever of its proofs was shown.</summary>
    public const string Telegram = "telegram";
}
