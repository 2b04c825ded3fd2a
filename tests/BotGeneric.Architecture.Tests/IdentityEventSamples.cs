using BotGeneric.Contracts;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Privacy.V1;

namespace BotGeneric.Architecture.Tests;

/// <summary>One event of each kind that identity and the services around it publish about people.</summary>
internal static class IdentityEventSamples
{
    internal static IReadOnlyList<IIntegrationEvent> Of(Guid id, DateTimeOffset time) =>
    [
        new UserRegistered { EventId = id, OccurredAt = time, UserId = id, Email = "anna@example.com", DisplayName = "Anna", Language = "uk" },
        new UserUpdated
        {
            EventId = id,
            OccurredAt = time,
            UserId = id,
            Revision = 3,
            Email = "anna@example.com",
            DisplayName = "Anna",
            Language = "uk",
            TimeZone = "Europe/Kyiv",
            State = UserStates.Active,
        },
        new UserDeleted { EventId = id, OccurredAt = time, UserId = id },
        new UserErased { EventId = id, OccurredAt = time, UserId = id, Service = "billing" },
        new IdentityLinked { EventId = id, OccurredAt = time, UserId = id, Provider = IdentityProviders.Telegram, ProviderUserId = "987654321" },
        new IdentityUnlinked { EventId = id, OccurredAt = time, UserId = id, Provider = IdentityProviders.Google },
        new OrganizationCreated { EventId = id, OccurredAt = time, OrganizationId = id, Name = "Example", OwnerId = id },
        new MembershipChanged
        {
            EventId = id,
            OccurredAt = time,
            OrganizationId = id,
            UserId = id,
            Revision = 2,
            Role = OrganizationRoles.Billing,
        },
        new ApiKeyRevoked { EventId = id, OccurredAt = time, AccountId = id, KeyId = "Ab3dE6gH" },
        new AccountsMerged { EventId = id, OccurredAt = time, KeptUserId = id, AbsorbedUserId = Guid.Parse("0192f0c1-2345-7abc-8def-0123456789ac") },
        new SessionsRevoked { EventId = id, OccurredAt = time, UserId = id, SessionIds = [id] },
        new SessionChanged { EventId = id, OccurredAt = time, UserId = id, SessionId = id },
    ];
}
