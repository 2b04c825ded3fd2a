using BotGeneric.Contracts.Identity.V1;
using Microsoft.AspNetCore.Identity;

namespace BotGeneric.Identity.Accounts;

/// <summary>
/// A person. The e-mail address may be missing (somebody who came through Telegram has none) and, where it stands, it is verified: an
/// address that nobody has proved to own is kept with the pending registration or change, never here.
/// </summary>
public sealed class User : IdentityUser<Guid>
{
    /// <summary>The role of those who run the system.</summary>
    public const string AdminRole = "admin";

    /// <summary>What the person wants to be called; null until known. At most 100 characters.</summary>
    public string? DisplayName { get; set; }

    /// <summary>An https address of a picture; null without one.</summary>
    public string? AvatarUrl { get; set; }

    /// <summary><c>en</c>, <c>ru</c> or <c>uk</c>.</summary>
    public string Language { get; set; } = "en";

    /// <summary>An IANA time zone.</summary>
    public string TimeZone { get; set; } = "Etc/UTC";

    /// <summary>Roles in the system as a whole, such as <see cref="AdminRole"/>; empty for nearly everybody.</summary>
    public List<string> Roles { get; private set; } = [];

    /// <summary>When the account was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When an admin locked it, UTC; null when it is not locked.</summary>
    public DateTimeOffset? LockedAt { get; private set; }

    /// <summary>Why an admin locked it, as the admin wrote it.</summary>
    public string? LockReason { get; private set; }

    /// <summary>When the person asked to be deleted, UTC; null without such a wish.</summary>
    public DateTimeOffset? DeletionRequestedAt { get; private set; }

    /// <summary>When everything personal was erased here, UTC.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>The account of the same person that this one became part of; null: none. Such a row is erased, and its id is never used again.</summary>
    public Guid? MergedIntoId { get; private set; }

    /// <summary>
    /// Tokens issued before this time are not accepted any more, UTC. Moves forward when everything of the person is revoked at once.
    /// </summary>
    public DateTimeOffset? TokensRevokedAt { get; private set; }

    /// <summary>Grows with each change that other services are told of.</summary>
    public long Revision { get; private set; }

    /// <summary>One of <see cref="UserStates"/>.</summary>
    public string State => this switch
    {
        { MergedIntoId: not null } => UserStates.Merged,
        { DeletedAt: not null } => UserStates.Deleted,
        { LockedAt: not null } => UserStates.Locked,
        { DeletionRequestedAt: not null } => UserStates.Deleting,
        _ => UserStates.Active,
    };

    /// <summary>Whether the person may sign in. Somebody who asked for deletion may: signing in is how it is called off.</summary>
    public bool MaySignIn => DeletedAt is null && LockedAt is null;

    /// <summary>Whether the person runs the system.</summary>
    public bool IsAdmin => Roles.Contains(AdminRole);

    /// <summary>A new person. The user name that ASP.NET Core Identity wants is the id; nobody sees it.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="language">The language of the pages the person registered on.</param>
    /// <param name="email">A verified address, or null.</param>
    public static User Create(DateTimeOffset now, string language, string? email = null)
    {
        var id = Guid.CreateVersion7(now);
        return new User
        {
            Id = id,
            UserName = id.ToString(),
            Email = email,
            EmailConfirmed = email is not null,
            Language = language,
            CreatedAt = now,
            SecurityStamp = Guid.NewGuid().ToString("N"),
            LockoutEnabled = false,
            Revision = 1,
        };
    }

    /// <summary>
    /// Says that something changed that other services are told of; the next <c>UserUpdated</c> carries the number. Of two who change the account at the same
    /// moment one finds that the other was faster: both would tell the same number, and neither what the other changed.
    /// </summary>
    /// <returns>The new revision.</returns>
    public long Changed()
    {
        ConcurrencyStamp = Guid.NewGuid().ToString();
        return ++Revision;
    }

    /// <summary>Locks the account. Locking twice keeps the first time and the newer reason.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="reason">Why.</param>
    public void Lock(DateTimeOffset now, string reason)
    {
        LockedAt ??= now;
        LockReason = reason;
        RevokeTokens(now);
        Changed();
    }

    /// <summary>Unlocks the account; does nothing to one that is not locked.</summary>
    public void Unlock()
    {
        if (LockedAt is null)
        {
            return;
        }

        LockedAt = null;
        LockReason = null;
        Changed();
    }

    /// <summary>Gives a role in the system; giving it again changes nothing.</summary>
    /// <param name="role">The role.</param>
    /// <returns>Whether it is new.</returns>
    public bool Grant(string role)
    {
        if (Roles.Contains(role))
        {
            return false;
        }

        // A new list: change tracking compares by reference.
        Roles = [.. Roles, role];
        return true;
    }

    /// <summary>Takes a role away; taking one that is not there changes nothing.</summary>
    /// <param name="role">The role.</param>
    /// <returns>Whether it was there.</returns>
    public bool Withdraw(string role)
    {
        if (!Roles.Contains(role))
        {
            return false;
        }

        Roles = [.. Roles.Where(held => held != role)];
        return true;
    }

    /// <summary>From now on, tokens issued before are worth nothing.</summary>
    /// <param name="now">The time, UTC.</param>
    public void RevokeTokens(DateTimeOffset now) => TokensRevokedAt = now;

    /// <summary>The person wants to be deleted. Asking again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void RequestDeletion(DateTimeOffset now)
    {
        DeletionRequestedAt ??= now;
        Changed();
    }

    /// <summary>The person wants to stay; does nothing when no deletion was asked for.</summary>
    public void CancelDeletion()
    {
        if (DeletionRequestedAt is null || DeletedAt is not null)
        {
            return;
        }

        DeletionRequestedAt = null;
        Changed();
    }

    /// <summary>Becomes part of another account of the same person: what is left here is a row that leads there and in which nobody signs in.</summary>
    /// <param name="keptId">The account that stays.</param>
    /// <param name="now">The time, UTC.</param>
    public void BecomePartOf(Guid keptId, DateTimeOffset now)
    {
        MergedIntoId = keptId;
        TwoFactorEnabled = false;
        SecurityStamp = Guid.NewGuid().ToString("N");
        // Whoever changes the account at this moment finds that somebody was faster.
        ConcurrencyStamp = Guid.NewGuid().ToString();
        NormalizedEmail = null;
        Erase(now);
    }

    /// <summary>Forgets everything personal. The row stays, so that what refers to it (an audit entry, an invoice) refers to nobody in particular.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Erase(DateTimeOffset now)
    {
        DeletedAt ??= now;
        Email = null;
        NormalizedEmail = null;
        EmailConfirmed = false;
        PasswordHash = null;
        PhoneNumber = null;
        DisplayName = null;
        AvatarUrl = null;
        LockReason = null;
        TimeZone = "Etc/UTC";
        Roles = [];
        RevokeTokens(now);
        Changed();
    }
}
