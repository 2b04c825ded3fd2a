using System.Globalization;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Messaging;

namespace BotGeneric.Identity.Messaging;

/// <summary>Tells the other services. Each method adds to the changes of the caller, who saves; events of one person or organization stay in order.</summary>
public sealed class IdentityEvents(IdentityDbContext db, IOutbox outbox, TimeProvider time)
{
    /// <summary>A person has an account.</summary>
    /// <param name="user">The person.</param>
    public void Registered(User user) => outbox.Add(db, new UserRegistered
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = user.Id,
        Email = user.Email,
        DisplayName = user.DisplayName,
        Language = user.Language,
    }, Key(user.Id));

    /// <summary>A person's account changed; counts the revision.</summary>
    /// <param name="user">The person.</param>
    public void Updated(User user) => outbox.Add(db, new UserUpdated
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = user.Id,
        Revision = user.Changed(),
        Email = user.Email,
        DisplayName = user.DisplayName,
        Language = user.Language,
        TimeZone = user.TimeZone,
        State = user.State,
    }, Key(user.Id));

    /// <summary>A person is to be erased everywhere.</summary>
    /// <param name="userId">The person.</param>
    public void Deleted(Guid userId) => outbox.Add(
        db, new UserDeleted { EventId = Guid.CreateVersion7(), OccurredAt = time.GetUtcNow(), UserId = userId }, Key(userId));

    /// <summary>A person made one account of two. Merges are told in their order, whomever they concern.</summary>
    /// <param name="keptId">The account that stays.</param>
    /// <param name="absorbedId">The account that became part of it.</param>
    public void Merged(Guid keptId, Guid absorbedId) => outbox.Add(db, new AccountsMerged
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        KeptUserId = keptId,
        AbsorbedUserId = absorbedId,
    }, orderingKey: nameof(AccountsMerged));

    /// <summary>An identity was linked.</summary>
    /// <param name="identity">The link.</param>
    public void Linked(ExternalIdentity identity) => outbox.Add(db, new IdentityLinked
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = identity.UserId,
        Provider = identity.Provider,
        ProviderUserId = identity.ProviderUserId,
    }, Key(identity.UserId));

    /// <summary>An identity was unlinked.</summary>
    /// <param name="identity">The link that was.</param>
    public void Unlinked(ExternalIdentity identity) => outbox.Add(db, new IdentityUnlinked
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = identity.UserId,
        Provider = identity.Provider,
        ProviderUserId = identity.ProviderUserId,
    }, Key(identity.UserId));

    /// <summary>An organization exists.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="ownerId">Whose.</param>
    public void Created(Organization organization, Guid ownerId) => outbox.Add(db, new OrganizationCreated
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        OrganizationId = organization.Id,
        Name = organization.Name,
        OwnerId = ownerId,
    }, Key(organization.Id));

    /// <summary>A membership changed.</summary>
    /// <param name="membership">The membership as it is now.</param>
    public void Changed(Membership membership) => outbox.Add(db, new MembershipChanged
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        OrganizationId = membership.OrganizationId,
        UserId = membership.UserId,
        Revision = membership.Revision,
        Role = membership.Role,
    }, Key(membership.OrganizationId));

    /// <summary>A key works no more, or on other terms.</summary>
    /// <param name="key">The key.</param>
    public void Revoked(ApiKey key) => outbox.Add(db, new ApiKeyRevoked
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        AccountId = key.OrganizationId ?? key.UserId,
        KeyId = key.KeyId,
    });

    /// <summary>Sign-ins of a person are over.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="sessionIds">Which; null for everything that was issued until now.</param>
    public void SessionsRevoked(Guid userId, IReadOnlyList<Guid>? sessionIds) => outbox.Add(db, new SessionsRevoked
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = userId,
        SessionIds = sessionIds,
    });

    /// <summary>The tokens of a session say something that is not so any more.</summary>
    /// <param name="session">The session.</param>
    public void Changed(UserSession session) => outbox.Add(db, new SessionChanged
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = time.GetUtcNow(),
        UserId = session.UserId,
        SessionId = session.Id,
    });

    /// <summary>Somebody shall be told something.</summary>
    /// <param name="template">One of <see cref="NotificationTemplates"/>.</param>
    /// <param name="address">The e-mail address.</param>
    /// <param name="language">The language.</param>
    /// <param name="userId">The person it concerns, if there is an account.</param>
    /// <param name="values">What the template's places are filled with.</param>
    /// <param name="expiresAt">After this time the message is of no use.</param>
    public void Notify(
        string template, string address, string language, Guid? userId, IReadOnlyDictionary<string, string> values, DateTimeOffset? expiresAt = null) =>
        outbox.Add(db, new NotificationRequested
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = time.GetUtcNow(),
            Template = template,
            Address = address,
            UserId = userId,
            Language = language,
            Values = values,
            ExpiresAt = expiresAt,
        });

    /// <summary>The current time as templates want it.</summary>
    public string Now() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    private static string Key(Guid id) => id.ToString();
}
