namespace BotGeneric.Identity.Audit;

/// <summary>What the audit log speaks of. The names are part of the API: a search written today must find the same thing next year.</summary>
public static class AuditActions
{
    /// <summary>An account came into being.</summary>
    public const string UserRegistered = "user.registered";

    /// <summary>The profile was changed.</summary>
    public const string ProfileChanged = "user.profile-changed";

    /// <summary>An admin locked the account.</summary>
    public const string UserLocked = "user.locked";

    /// <summary>An admin unlocked the account.</summary>
    public const string UserUnlocked = "user.unlocked";

    /// <summary>A role was given or taken.</summary>
    public const string RolesChanged = "user.roles-changed";

    /// <summary>The person took a copy of their data.</summary>
    public const string DataExported = "user.exported";

    /// <summary>Deletion was asked for.</summary>
    public const string DeletionRequested = "user.deletion-requested";

    /// <summary>Deletion was called off.</summary>
    public const string DeletionCancelled = "user.deletion-cancelled";

    /// <summary>The account was erased.</summary>
    public const string UserErased = "user.erased";

    /// <summary>Another account became part of the account.</summary>
    public const string AccountsMerged = "user.accounts-merged";

    /// <summary>The account became part of another one.</summary>
    public const string AccountAbsorbed = "user.absorbed";

    /// <summary>A sign-in, successful or refused.</summary>
    public const string SignedIn = "session.started";

    /// <summary>A credential was shown again in a session.</summary>
    public const string Confirmed = "session.confirmed";

    /// <summary>A session was ended.</summary>
    public const string SessionEnded = "session.ended";

    /// <summary>All sessions were ended.</summary>
    public const string SessionsEnded = "session.all-ended";

    /// <summary>Another organization became the active one.</summary>
    public const string OrganizationSelected = "session.organization-selected";

    /// <summary>A new password was asked for.</summary>
    public const string PasswordResetRequested = "password.reset-requested";

    /// <summary>The password was changed or set.</summary>
    public const string PasswordChanged = "password.changed";

    /// <summary>A change of the address was asked for.</summary>
    public const string EmailChangeRequested = "email.change-requested";

    /// <summary>The address was changed.</summary>
    public const string EmailChanged = "email.changed";

    /// <summary>The second factor was switched on.</summary>
    public const string TotpEnabled = "totp.enabled";

    /// <summary>The second factor was switched off.</summary>
    public const string TotpDisabled = "totp.disabled";

    /// <summary>New recovery codes were made.</summary>
    public const string RecoveryCodesCreated = "recovery-codes.created";

    /// <summary>A passkey was added.</summary>
    public const string PasskeyAdded = "passkey.added";

    /// <summary>A passkey was removed.</summary>
    public const string PasskeyRemoved = "passkey.removed";

    /// <summary>An identity at another provider was linked.</summary>
    public const string IdentityLinked = "identity.linked";

    /// <summary>An identity at another provider was unlinked.</summary>
    public const string IdentityUnlinked = "identity.unlinked";

    /// <summary>A provider told something about an identity: consent was withdrawn, an account deleted, a relay switched off.</summary>
    public const string ProviderNotified = "identity.provider-notified";

    /// <summary>A key was created.</summary>
    public const string ApiKeyCreated = "key.created";

    /// <summary>A key's name or restrictions were changed.</summary>
    public const string ApiKeyChanged = "key.changed";

    /// <summary>A key got a successor.</summary>
    public const string ApiKeyRotated = "key.rotated";

    /// <summary>A key was revoked.</summary>
    public const string ApiKeyRevoked = "key.revoked";

    /// <summary>An organization was created.</summary>
    public const string OrganizationCreated = "organization.created";

    /// <summary>An organization's name was changed.</summary>
    public const string OrganizationChanged = "organization.changed";

    /// <summary>An organization was closed.</summary>
    public const string OrganizationClosed = "organization.closed";

    /// <summary>Somebody was invited.</summary>
    public const string MemberInvited = "organization.member-invited";

    /// <summary>An invitation was taken back or declined.</summary>
    public const string InvitationRevoked = "organization.invitation-revoked";

    /// <summary>Somebody joined.</summary>
    public const string MemberJoined = "organization.member-joined";

    /// <summary>A member got another role.</summary>
    public const string MemberRoleChanged = "organization.member-role-changed";

    /// <summary>A member left or was removed.</summary>
    public const string MemberLeft = "organization.member-left";

    /// <summary>The organization was handed over.</summary>
    public const string OwnershipTransferred = "organization.transferred";

    /// <summary>A client application was allowed to act for the person.</summary>
    public const string ConsentGiven = "consent.given";

    /// <summary>That permission was taken back.</summary>
    public const string ConsentRevoked = "consent.revoked";

    /// <summary>A client application was registered.</summary>
    public const string ClientCreated = "client.created";

    /// <summary>A client application was changed.</summary>
    public const string ClientChanged = "client.changed";

    /// <summary>A client application was removed.</summary>
    public const string ClientRemoved = "client.removed";

    /// <summary>A token that was used already came a second time; everything that followed from it was revoked.</summary>
    public const string TokenReused = "token.reused";

    /// <summary>A token was exchanged for one to act for somebody.</summary>
    public const string TokenExchanged = "token.exchanged";

    /// <summary>An admin began to act as the person.</summary>
    public const string Impersonated = "user.impersonated";

    /// <summary>An admin no longer acts as the person.</summary>
    public const string ImpersonationEnded = "user.impersonation-ended";

    /// <summary>The audit log was exported.</summary>
    public const string AuditExported = "audit.exported";

    /// <summary>A key of the token server was made.</summary>
    public const string SigningKeyCreated = "signing-key.created";
}
