namespace BotGeneric.Contracts.Notifications.V1;

/// <summary>
/// Somebody shall be told something. Which words, and how the message gets there, is decided by Notifications. The event carries an address
/// and possibly a link with a secret: it is never logged, and a place that shows stored events hides <see cref="Address"/> and <see cref="Values"/>.
/// </summary>
public sealed record NotificationRequested : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>What is to be said, one of <see cref="NotificationTemplates"/>.</summary>
    public required string Template { get; init; }

    /// <summary>The e-mail address. It need not be the person's verified one: a new address is verified by a message to it.</summary>
    [Sensitive]
    public required string Address { get; init; }

    /// <summary>The person it concerns; null when it goes to somebody without an account.</summary>
    public Guid? UserId { get; init; }

    /// <summary><c>en</c>, <c>ru</c> or <c>uk</c>.</summary>
    public required string Language { get; init; }

    /// <summary>What the template's places are filled with; each template names its own.</summary>
    [Sensitive]
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>After this time the message would be of no use and is not sent any more; null: always of use.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What can be said, and the values that each needs.</summary>
public static class NotificationTemplates
{
    /// <summary>Verify a new account's address. <c>link</c>, <c>hours</c> (how long the link works).</summary>
    public const string VerifyEmail = "verify-email";

    /// <summary>Somebody registered with the address of an existing account. <c>signInLink</c>, <c>resetLink</c>.</summary>
    public const string AlreadyRegistered = "already-registered";

    /// <summary>Choose a new password. <c>link</c>, <c>minutes</c>.</summary>
    public const string ResetPassword = "reset-password";

    /// <summary>The password was changed. <c>when</c> (RFC 3339).</summary>
    public const string PasswordChanged = "password-changed";

    /// <summary>To the new address: confirm it. <c>link</c>, <c>hours</c>.</summary>
    public const string ConfirmNewEmail = "confirm-new-email";

    /// <summary>To the old address: the address was changed. <c>when</c>, <c>newAddress</c> (masked).</summary>
    public const string EmailChanged = "email-changed";

    /// <summary>A way to sign in or a second factor was added or removed. <c>what</c> (<c>passkey</c>, <c>totp</c>, <c>google</c>, …), <c>change</c> (<c>added</c> or <c>removed</c>), <c>when</c>.</summary>
    public const string SecurityChanged = "security-changed";

    /// <summary>A sign-in from a device not seen before. <c>device</c>, <c>when</c>, <c>sessionsLink</c>.</summary>
    public const string NewSignIn = "new-sign-in";

    /// <summary>An invitation to an organization. <c>organization</c>, <c>inviter</c>, <c>role</c>, <c>link</c>, <c>days</c>.</summary>
    public const string OrganizationInvitation = "organization-invitation";

    /// <summary>Deletion was asked for. <c>when</c> (the day it happens), <c>cancelLink</c>.</summary>
    public const string DeletionScheduled = "deletion-scheduled";

    /// <summary>A key was created. <c>name</c>, <c>when</c>.</summary>
    public const string ApiKeyCreated = "api-key-created";

    /// <summary>To the account that stays: another account became part of it. <c>when</c>.</summary>
    public const string AccountsMerged = "accounts-merged";

    /// <summary>To the address of an account that became part of another: it opens no account any more. <c>when</c>.</summary>
    public const string AccountAbsorbed = "account-absorbed";

    /// <summary>Every template.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        VerifyEmail, AlreadyRegistered, ResetPassword, PasswordChanged, ConfirmNewEmail, EmailChanged, SecurityChanged, NewSignIn,
        OrganizationInvitation, DeletionScheduled, ApiKeyCreated, AccountsMerged, AccountAbsorbed,
    ];
}
