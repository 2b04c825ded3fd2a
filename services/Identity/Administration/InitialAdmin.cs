using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Administration;

/// <summary>
/// Gives a system without an admin its first one, from configuration. Replicas that start together wait for one another. An account that is there is
/// never overwritten: one with the configured address gets the role and keeps its password.
/// </summary>
internal sealed partial class InitialAdmin(IServiceScopeFactory scopes, IOptions<AdministrationOptions> options, ILogger<InitialAdmin> logger) : IHostedService
{
    private const string KeyName = "Initial admin";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.InitialAdmin is not { Email: { } email, Password: { } password } configured)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var db = services.GetRequiredService<IdentityDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AdminLock.TakeAsync(db, cancellationToken);
        var normalized = services.GetRequiredService<ILookupNormalizer>().NormalizeEmail(email);
        var user = await db.Users.SingleOrDefaultAsync(candidate => candidate.NormalizedEmail == normalized, cancellationToken);
        if (!await db.Users.AnyAsync(candidate => candidate.Roles.Contains(User.AdminRole) && candidate.DeletedAt == null, cancellationToken))
        {
            user = await PromoteAsync(services, user, email, password);
        }

        if (user is { IsAdmin: true } && configured.ApiKey is { } key)
        {
            await AddKeyAsync(services, db, user, key, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<User> PromoteAsync(IServiceProvider services, User? user, string email, string password)
    {
        var events = services.GetRequiredService<IdentityEvents>();
        var audit = services.GetRequiredService<AuditTrail>();
        if (user is null)
        {
            user = User.Create(services.GetRequiredService<TimeProvider>().GetUtcNow(), "en", email);
            user.Grant(User.AdminRole);
            // The options say how long it must be. What else people's passwords must be does not concern one that a machine made.
            user.PasswordHash = services.GetRequiredService<IPasswordHasher<User>>().HashPassword(user, password);
            var created = await services.GetRequiredService<UserManager<User>>().CreateAsync(user);
            if (!created.Succeeded)
            {
                throw new InvalidOperationException(
                    $"Administration:InitialAdmin cannot be created: {string.Join(' ', created.Errors.Select(error => error.Description))}");
            }

            events.Registered(user);
            audit.Add(AuditActions.UserRegistered, user.Id);
            LogCreated(logger, user.Id);
        }
        else
        {
            user.Grant(User.AdminRole);
            LogPromoted(logger, user.Id);
        }

        audit.Add(AuditActions.RolesChanged, user.Id, details: new Dictionary<string, string?> { ["roles"] = User.AdminRole });
        return user;
    }

    private static async Task AddKeyAsync(IServiceProvider services, IdentityDbContext db, User user, string secret, CancellationToken cancellationToken)
    {
        // One that was revoked has its row too, and so is not brought back to life.
        if (!ApiKeyFormat.TryParse(secret, out var keyId) || await db.ApiKeys.AnyAsync(key => key.KeyId == keyId, cancellationToken))
        {
            return;
        }

        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var added = ApiKey.Create(keyId, ApiKeyFormat.Hash(secret), user.Id, null, KeyName, ApiScopes.All, now, null);
        db.ApiKeys.Add(added);
        services.GetRequiredService<AuditTrail>().Add(AuditActions.ApiKeyCreated, user.Id, target: added.Id.ToString());
    }

    [LoggerMessage(LogLevel.Information, "There was no admin; {UserId} was created from Administration:InitialAdmin")]
    private static partial void LogCreated(ILogger logger, Guid userId);

    [LoggerMessage(LogLevel.Warning, "There was no admin; {UserId}, who has the address of Administration:InitialAdmin, got the role and keeps the password")]
    private static partial void LogPromoted(ILogger logger, Guid userId);
}
