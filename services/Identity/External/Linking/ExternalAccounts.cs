using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Identity.External.Linking;

/// <summary>
/// Whose an identity is, and the changes of that. It is found by the provider's ids alone. Each change runs in a context of its own and counts on the
/// unique indexes: whoever loses a race looks again and finds what the winner made.
/// </summary>
internal sealed class ExternalAccounts(IServiceScopeFactory scopes, WaysIn waysIn)
{
    private const int Tries = 4;

    /// <summary>Finds the person, notes the use and keeps what the provider said.</summary>
    /// <returns>The person's id; null with no problem: nobody has this identity.</returns>
    internal Task<(Guid? UserId, ExternalProblem? Problem)> FindAsync(ExternalProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(change => FindAsync(change, proof, cancellationToken), cancellationToken);

    /// <summary>Makes an account for somebody who has none, or finds the one that was made meanwhile.</summary>
    internal Task<(Guid? UserId, ExternalProblem? Problem)> RegisterAsync(ExternalProof proof, string language, CancellationToken cancellationToken) =>
        ChangeAsync(
            async change =>
            {
                var found = await FindAsync(change, proof, cancellationToken);
                if (found is not (null, null))
                {
                    return found;
                }

                var email = proof.VerifiedEmail;
                var normalized = change.Users.NormalizeEmail(email);
                if (normalized is not null && await change.Db.Users.AnyAsync(user => user.NormalizedEmail == normalized, cancellationToken))
                {
                    // The account may be this person's own, made in another tab since the look above.
                    found = await FindAsync(change, proof, cancellationToken);
                    return found is (null, null) ? (null, ExternalProblem.EmailKnown) : found;
                }

                var user = User.Create(change.Time.GetUtcNow(), language, email);
                user.DisplayName = proof.DisplayName;
                user.NormalizedUserName = change.Users.NormalizeName(user.UserName);
                user.NormalizedEmail = normalized;
                change.Db.Users.Add(user);
                change.Audit.Add(
                    AuditActions.UserRegistered, user.Id, actorId: user.Id,
                    details: new Dictionary<string, string?> { ["provider"] = proof.Provider });
                change.Events.Registered(user);
                Link(change, user, proof);
                return (user.Id, null);
            },
            cancellationToken);

    /// <summary>Gives a person one more way in. Linking what is linked already changes nothing.</summary>
    /// <returns>Whose it is now; with <see cref="ExternalProblem.Taken"/>, whose it was and stays.</returns>
    internal Task<(Guid? UserId, ExternalProblem? Problem)> LinkAsync(Guid userId, ExternalProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(change => LinkAsync(change, userId, proof, cancellationToken), cancellationToken);

    internal async Task<(Guid? UserId, ExternalProblem? Problem)> LinkAsync(
        Change change, Guid userId, ExternalProof proof, CancellationToken cancellationToken)
    {
        var (owner, problem) = await FindAsync(change, proof, cancellationToken);
        if (owner is not null || problem is not null)
        {
            return owner is null || owner == userId ? (owner, problem) : (owner, ExternalProblem.Taken);
        }

        if (await change.Db.ExternalIdentities.AnyAsync(identity => identity.UserId == userId && identity.Provider == proof.Provider, cancellationToken))
        {
            return (null, ExternalProblem.AnotherLinked);
        }

        var user = await change.Db.Users.SingleAsync(candidate => candidate.Id == userId, cancellationToken);
        if (!user.MaySignIn)
        {
            return (null, ExternalProblem.SignedOut);
        }

        // Collides with a merge in which the account ends: nothing is linked to what is no more.
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        Link(change, user, proof);
        change.Notices.Changed(user, proof.Provider, isAdded: true);
        return (userId, null);
    }

    /// <summary>Takes a way in away. One that is not there any more is gone already.</summary>
    /// <param name="userId">The person: a link of somebody else is not found.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What stands against it; null: it is gone.</returns>
    internal async Task<ExternalProblem?> UnlinkAsync(Guid userId, string provider, CancellationToken cancellationToken) => (await ChangeAsync(
        async change => (UserId: (Guid?)userId, Problem: await UnlinkAsync(change, userId, provider, cancellationToken)), cancellationToken)).Problem;

    internal async Task<ExternalProblem?> UnlinkAsync(Change change, Guid userId, string provider, CancellationToken cancellationToken)
    {
        if (await change.Db.ExternalIdentities.SingleOrDefaultAsync(
            identity => identity.UserId == userId && identity.Provider == provider, cancellationToken) is not { } gone)
        {
            return null;
        }

        var user = await change.Db.Users.SingleAsync(candidate => candidate.Id == userId, cancellationToken);
        if (!await waysIn.HasAnotherAsync(change.Db, user, provider, withoutPasskey: null, cancellationToken))
        {
            return ExternalProblem.LastMethod;
        }

        change.Db.ExternalIdentities.Remove(gone);
        // Two tabs that each remove one of the last two ways in collide here, and so does the removal of a passkey.
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        change.Audit.Add(
            AuditActions.IdentityUnlinked, userId, target: gone.Id.ToString(), details: new Dictionary<string, string?> { ["provider"] = provider });
        change.Events.Unlinked(gone);
        change.Notices.Changed(user, provider, isAdded: false);
        return null;
    }

    /// <summary>Runs a change in a context of its own, and again when somebody else was faster.</summary>
    internal async Task<T> ChangeAsync<T>(Func<Change, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var services = scope.ServiceProvider;
            var change = new Change(
                services.GetRequiredService<IdentityDbContext>(), services.GetRequiredService<UserManager<User>>(), services.GetRequiredService<AuditTrail>(),
                services.GetRequiredService<IdentityEvents>(), services.GetRequiredService<SecurityNotices>(), services.GetRequiredService<TimeProvider>(), services);
            try
            {
                var result = await work(change);
                await change.Db.SaveChangesAsync(cancellationToken);
                return result;
            }
            catch (DbUpdateException exception) when (attempt < Tries && WasOvertaken(exception))
            {
            }
        }
    }

    private static async Task<(Guid? UserId, ExternalProblem? Problem)> FindAsync(Change change, ExternalProof proof, CancellationToken cancellationToken)
    {
        var (provider, subject, providerUserId) = (proof.Provider, proof.Subject, proof.ProviderUserId);
        var found = await change.Db.ExternalIdentities
            .Where(identity => identity.Provider == provider
                && ((subject != null && identity.Subject == subject) || (providerUserId != null && identity.ProviderUserId == providerUserId)))
            .ToListAsync(cancellationToken);
        if (found.Count == 0)
        {
            return (null, null);
        }

        if (found.Count > 1
            || (subject is not null && found[0].Subject is { } knownSubject && knownSubject != subject)
            || (providerUserId is not null && found[0].ProviderUserId is { } knownId && knownId != providerUserId))
        {
            return (null, ExternalProblem.TwoAccounts);
        }

        var isCompleted = providerUserId is not null && found[0].ProviderUserId is null;
        found[0].Used(subject, providerUserId, proof.Email, proof.EmailVerified, proof.DisplayName, change.Time.GetUtcNow());
        if (isCompleted)
        {
            // Those who join chats to people learn the id only now.
            change.Events.Linked(found[0]);
        }

        return (found[0].UserId, null);
    }

    private static void Link(Change change, User user, ExternalProof proof)
    {
        var now = change.Time.GetUtcNow();
        var identity = ExternalIdentity.Link(user.Id, proof.Provider, proof.Subject, proof.ProviderUserId, now);
        identity.Used(proof.Subject, proof.ProviderUserId, proof.Email, proof.EmailVerified, proof.DisplayName, now);
        change.Db.ExternalIdentities.Add(identity);
        change.Audit.Add(
            AuditActions.IdentityLinked, user.Id, target: identity.Id.ToString(), actorId: user.Id,
            details: new Dictionary<string, string?> { ["provider"] = proof.Provider });
        change.Events.Linked(identity);
    }

    private static bool WasOvertaken(DbUpdateException exception) =>
        exception is DbUpdateConcurrencyException || exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>What a change works with.</summary>
    internal sealed record Change(
        IdentityDbContext Db, UserManager<User> Users, AuditTrail Audit, IdentityEvents Events, SecurityNotices Notices, TimeProvider Time, IServiceProvider Services);
}
