using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Organizations;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>Finds people for admins.</summary>
public sealed class UserDirectory(IdentityDbContext db, ILookupNormalizer normalizer, TimeProvider time)
{
    private const int MaximumListed = 100;

    internal static readonly IReadOnlyList<string> States =
        [UserStates.Active, UserStates.Locked, UserStates.Deleting, UserStates.Deleted, UserStates.Merged];

    internal static bool IsState(string? state) => state is null || States.Contains(state);

    /// <summary>A page of people, newest first.</summary>
    internal async Task<Page<UserSummary>> SearchAsync(
        string? search, string? state, string? role, Guid? after, int size, CancellationToken cancellationToken)
    {
        var query = InState(Matching(db.Users.AsNoTracking(), search?.Trim()), state);
        if (role is not null)
        {
            query = query.Where(user => user.Roles.Contains(role));
        }

        if (after is { } last)
        {
            query = query.Where(user => user.Id < last);
        }

        var rows = await query.OrderByDescending(user => user.Id).Take(size + 1).ToListAsync(cancellationToken);
        return Page<UserSummary>.From([.. rows.Select(UserSummary.From)], size, user => new IdPosition(user.Id));
    }

    /// <summary>A person with everything that belongs to them; null: there is none.</summary>
    internal async Task<UserDetail?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, cancellationToken) is not { } user)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var links = await db.ExternalIdentities.AsNoTracking().Where(link => link.UserId == id).OrderBy(link => link.LinkedAt)
            .Select(link => new LinkDetail(link.Provider, link.ProviderUserId, link.DisplayName, link.LinkedAt, link.LastUsedAt)).ToListAsync(cancellationToken);
        var sessions = await db.Sessions.AsNoTracking().Where(session => session.UserId == id && session.RevokedAt == null && session.ExpiresAt > now)
            .OrderByDescending(session => session.LastSeenAt).Take(MaximumListed)
            .Select(session => new SessionDetail(
                session.Id, session.CreatedAt, session.LastSeenAt, session.ExpiresAt, session.Methods, session.IpAddress, session.UserAgent, session.OrganizationId,
                session.ActorId, session.ClientId))
            .ToListAsync(cancellationToken);
        var organizations = await db.Memberships.AsNoTracking().Where(membership => membership.UserId == id && membership.Role != null)
            .Join(db.Organizations, membership => membership.OrganizationId, organization => organization.Id, (membership, organization) => new { membership, organization })
            .OrderBy(row => row.organization.Id).Take(MaximumListed)
            .Select(row => new UserOrganization(row.organization.Id, row.organization.Name, row.membership.Role!, row.membership.JoinedAt))
            .ToListAsync(cancellationToken);
        var keys = await db.ApiKeys.AsNoTracking().Where(key => key.UserId == id).OrderByDescending(key => key.Id).Take(MaximumListed).ToListAsync(cancellationToken);
        var passkeys = await db.Set<IdentityUserPasskey<Guid>>().CountAsync(passkey => passkey.UserId == id, cancellationToken);
        return new UserDetail(
            UserSummary.From(user), user.LockedAt, user.LockReason, user.DeletionRequestedAt, user.DeletedAt, user.TimeZone,
            user.PasswordHash is not null, user.TwoFactorEnabled, passkeys, links, sessions, organizations,
            [.. keys.Select(key => KeyDetail.From(key, now))]);
    }

    private IQueryable<User> Matching(IQueryable<User> users, string? search)
    {
        if (string.IsNullOrEmpty(search))
        {
            return users;
        }

        if (Guid.TryParse(search, out var id))
        {
            return users.Where(user => user.Id == id);
        }

        var address = Escaped(normalizer.NormalizeEmail(search)!) + "%";
        var part = $"%{Escaped(search)}%";
        var handle = search.TrimStart('@');
        var name = Escaped(handle) + "%";
        return users.Where(user =>
            EF.Functions.Like(user.NormalizedEmail!, address, "\\")
            || EF.Functions.ILike(user.DisplayName!, part, "\\")
            || db.ExternalIdentities.Any(link => link.UserId == user.Id && link.Provider == IdentityProviders.Telegram
                && (link.ProviderUserId == handle || EF.Functions.ILike(link.DisplayName!, name, "\\"))));
    }

    // What User.State says, as the database can read it.
    private static IQueryable<User> InState(IQueryable<User> users, string? state) => state switch
    {
        UserStates.Merged => users.Where(user => user.MergedIntoId != null),
        UserStates.Deleted => users.Where(user => user.DeletedAt != null && user.MergedIntoId == null),
        UserStates.Locked => users.Where(user => user.DeletedAt == null && user.LockedAt != null),
        UserStates.Deleting => users.Where(user => user.DeletedAt == null && user.LockedAt == null && user.DeletionRequestedAt != null),
        UserStates.Active => users.Where(user => user.DeletedAt == null && user.LockedAt == null && user.DeletionRequestedAt == null),
        _ => users,
    };

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal);
}

/// <summary>A person in a list.</summary>
/// <param name="Id">The person.</param>
/// <param name="Email">The verified address; null without one.</param>
/// <param name="DisplayName">What the person wants to be called.</param>
/// <param name="Language"><c>en</c>, <c>ru</c> or <c>uk</c>.</param>
/// <param name="State"><c>active</c>, <c>locked</c>, <c>deleting</c>, <c>deleted</c> or <c>merged</c>.</param>
/// <param name="Roles">Roles in the system.</param>
/// <param name="CreatedAt">When the account was created, UTC.</param>
public sealed record UserSummary(
    Guid Id, string? Email, string? DisplayName, string Language, string State, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt)
{
    internal static UserSummary From(User user) => new(user.Id, user.Email, user.DisplayName, user.Language, user.State, user.Roles, user.CreatedAt);
}

/// <summary>A person with everything that belongs to them. Lists hold the newest 100.</summary>
/// <param name="User">The account.</param>
/// <param name="LockedAt">When it was locked, UTC.</param>
/// <param name="LockReason">Why.</param>
/// <param name="DeletionRequestedAt">When deletion was asked for, UTC.</param>
/// <param name="DeletedAt">When it was erased, UTC.</param>
/// <param name="TimeZone">An IANA time zone.</param>
/// <param name="HasPassword">Whether the person can sign in with a password.</param>
/// <param name="HasTotp">Whether the second factor is switched on.</param>
/// <param name="Passkeys">How many passkeys there are.</param>
/// <param name="Links">Identities at other providers.</param>
/// <param name="Sessions">Sign-ins that stand.</param>
/// <param name="Organizations">Organizations the person is part of.</param>
/// <param name="Keys">Keys, without their secrets.</param>
public sealed record UserDetail(
    UserSummary User, DateTimeOffset? LockedAt, string? LockReason, DateTimeOffset? DeletionRequestedAt, DateTimeOffset? DeletedAt, string TimeZone,
    bool HasPassword, bool HasTotp, int Passkeys, IReadOnlyList<LinkDetail> Links, IReadOnlyList<SessionDetail> Sessions,
    IReadOnlyList<UserOrganization> Organizations, IReadOnlyList<KeyDetail> Keys);

/// <summary>An identity at another provider.</summary>
/// <param name="Provider"><c>google</c>, <c>apple</c> or <c>telegram</c>.</param>
/// <param name="ProviderUserId">The id at the provider's own API, if it has one.</param>
/// <param name="DisplayName">The name there.</param>
/// <param name="LinkedAt">When it was linked, UTC.</param>
/// <param name="LastUsedAt">When it was used last, UTC.</param>
public sealed record LinkDetail(string Provider, string? ProviderUserId, string? DisplayName, DateTimeOffset LinkedAt, DateTimeOffset LastUsedAt);

/// <summary>A sign-in.</summary>
/// <param name="Id">The session.</param>
/// <param name="CreatedAt">When it began, UTC.</param>
/// <param name="LastSeenAt">When it was used last, UTC.</param>
/// <param name="ExpiresAt">When it ends, UTC.</param>
/// <param name="Methods">What was shown, as <c>amr</c> values.</param>
/// <param name="IpAddress">From where.</param>
/// <param name="UserAgent">With what browser.</param>
/// <param name="OrganizationId">In whose name the person acts in it; null: in their own.</param>
/// <param name="ImpersonatorId">The admin who acts as the person in it; null: it is a sign-in of the person's.</param>
/// <param name="ClientId">The application that was signed in with a device code; null: a browser.</param>
public sealed record SessionDetail(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, IReadOnlyList<string> Methods, string? IpAddress,
    string? UserAgent, Guid? OrganizationId, Guid? ImpersonatorId, string? ClientId);

/// <summary>A person's part in an organization.</summary>
/// <param name="Id">The organization.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Role">The person's role.</param>
/// <param name="JoinedAt">When the person joined, UTC.</param>
public sealed record UserOrganization(Guid Id, string Name, string Role, DateTimeOffset JoinedAt);
