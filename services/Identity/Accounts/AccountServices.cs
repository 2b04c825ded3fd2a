using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Update;

namespace BotGeneric.Identity.Accounts;

/// <summary>What everything in this service stands on: people, their sessions, the audit log, the events.</summary>
public static class AccountServices
{
    // Part of every protected value: with another name signing keys, second factors and cookies could not be read.
    private const string ApplicationName = "BotGeneric.Identity";

    /// <summary>Every event that this service says, and what it hears.</summary>
    /// <param name="messaging">The service's messaging.</param>
    public static void PublishIdentityEvents(this MessagingBuilder<IdentityDbContext> messaging) => messaging
        .Publishes<UserRegistered>()
        .Publishes<UserUpdated>()
        .Publishes<UserDeleted>()
        .Publishes<AccountsMerged>()
        .Publishes<IdentityLinked>()
        .Publishes<IdentityUnlinked>()
        .Publishes<OrganizationCreated>()
        .Publishes<MembershipChanged>()
        .Publishes<ApiKeyRevoked>()
        .Publishes<SessionsRevoked>()
        .Publishes<SessionChanged>()
        .Publishes<NotificationRequested>()
        .Consumes<UserErased, UserErasedHandler>();

    /// <summary>Registers people, sessions, the audit log and the key ring.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddHttpContextAccessor();
        builder.AddServiceDataProtection<IdentityDbContext>(ApplicationName);
        services.AddOptions<UserSessionOptions>().BindConfiguration(UserSessionOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<OriginOptions>().BindConfiguration(OriginOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();

        services.AddIdentityCore<User>(options =>
        {
            options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
            options.User.RequireUniqueEmail = false; // An index of the database sees to it, for those who have an address.
            options.ClaimsIdentity.UserIdClaimType = "sub";
        }).AddUserStore<UserStore>();

        services.AddScoped<AuditTrail>();
        services.ConfigureDbContext<IdentityDbContext>(options => options.ReplaceService<ICommandBatchPreparer, AuditLast>());
        services.AddScoped<IdentityEvents>();
        services.AddScoped<SessionService>();
        services.AddScoped<DeviceSessions>();
        builder.AddSessionCookie();
    }

    // Saves nothing by itself: a change of a person, its audit entry and its events are committed by one SaveChangesAsync of whoever makes it.
    private sealed class UserStore : Microsoft.AspNetCore.Identity.EntityFrameworkCore.UserOnlyStore<User, IdentityDbContext, Guid>
    {
        public UserStore(IdentityDbContext context, IdentityErrorDescriber? describer = null)
            : base(context, describer) => AutoSaveChanges = false;
    }
}
