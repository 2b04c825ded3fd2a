using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>A key that was just made, and the key itself, which is shown now and never again.</summary>
/// <param name="Key">What is kept.</param>
/// <param name="Secret">The whole key.</param>
public sealed record MadeKey(ApiKey Key, string Secret);

/// <summary>Makes, restricts, rotates and revokes keys. Every method saves.</summary>
public sealed class ApiKeyService(
    IdentityDbContext db, OrganizationGate gate, KeyRules rules, IdentityEvents events, AuditTrail audit, IOptions<ApiKeyOptions> options, TimeProvider time)
{
    internal static readonly TimeSpan MaximumOverlap = TimeSpan.FromDays(7);

    /// <summary>Makes a key.</summary>
    /// <param name="maker">Who.</param>
    /// <param name="request">What it is to be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<MadeKey>> CreateAsync(KeyMaker maker, KeyRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(maker);
        ArgumentNullException.ThrowIfNull(request);
        // Microseconds, as PostgreSQL keeps them: a later key is measured by what is stored.
        request = request with { ExpiresAt = request.ExpiresAt is { } end ? new DateTimeOffset(end.UtcTicks - (end.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero) : null };
        var wrong = KeyRules.Check(request.Name, request.AllowedNetworks, request.RequestsPerMinute, out var normalized);
        var refusal = Refusal.Together([.. wrong, KeyRules.CheckScopes(maker, request), rules.CheckExpiry(request.ExpiresAt)])
            ?? await rules.CheckWithinMakersKeyAsync(maker, request.ExpiresAt, normalized.Networks, request.RequestsPerMinute, cancellationToken);
        return refusal is not null
            ? refusal
            : await InAccountAsync<MadeKey>(
                maker.UserId, request.OrganizationId,
                async () =>
                {
                    if (await rules.CheckRoomAsync(maker.UserId, request.OrganizationId, cancellationToken) is { } full)
                    {
                        return full;
                    }

                    var secret = ApiKeyFormat.Generate();
                    var key = ApiKey.Create(
                        IdOf(secret), ApiKeyFormat.Hash(secret), maker.UserId, request.OrganizationId, normalized.Name, request.Scopes!,
                        time.GetUtcNow(), request.ExpiresAt);
                    key.Restrict(normalized.Name, normalized.Networks, request.RequestsPerMinute);
                    db.ApiKeys.Add(key);
                    audit.Add(
                        AuditActions.ApiKeyCreated, maker.UserId, organizationId: request.OrganizationId, target: key.Id.ToString(), actorId: maker.UserId,
                        details: new Dictionary<string, string?> { ["scopes"] = string.Join(' ', key.Scopes) });
                    await TellAsync(key, cancellationToken);
                    return new MadeKey(key, secret);
                },
                cancellationToken);
    }

    /// <summary>Changes a key's name and restrictions. Its scopes never change.</summary>
    /// <param name="maker">Who.</param>
    /// <param name="keyId">The key's number.</param>
    /// <param name="change">Gives the name and the restrictions that it is to have, from those that it has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<ApiKey>> RestrictAsync(KeyMaker maker, Guid keyId, Func<ApiKey, KeyRestrictions> change, CancellationToken cancellationToken) =>
        WithKeyAsync<ApiKey>(
            maker, keyId,
            async key =>
            {
                var wanted = change(key);
                var wrong = KeyRules.Check(wanted.Name, wanted.AllowedNetworks, wanted.RequestsPerMinute, out var normalized);
                if ((Refusal.Together(wrong)
                    ?? await rules.CheckWithinMakersKeyAsync(maker, key.ExpiresAt, normalized.Networks, wanted.RequestsPerMinute, cancellationToken)) is { } refusal)
                {
                    return refusal;
                }

                key.Restrict(normalized.Name, normalized.Networks, wanted.RequestsPerMinute);
                events.Revoked(key);
                audit.Add(AuditActions.ApiKeyChanged, key.UserId, organizationId: key.OrganizationId, target: key.Id.ToString(), actorId: maker.UserId);
                return key;
            },
            cancellationToken);

    /// <summary>
    /// Makes the key that takes the place of another; both work for a while. Only the person for whom it acts can do it, with a credential that is no
    /// narrower: whoever gets the new key could act as that person.
    /// </summary>
    /// <param name="maker">Who.</param>
    /// <param name="keyId">The number of the key.</param>
    /// <param name="overlap">How long the old one goes on working, 0 to 7 days; null: the usual time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<MadeKey>> RotateAsync(KeyMaker maker, Guid keyId, TimeSpan? overlap, CancellationToken cancellationToken)
    {
        if (overlap < TimeSpan.Zero || overlap > MaximumOverlap)
        {
            return Refusal.Invalid("overlapHours", "overlap-invalid", (int)MaximumOverlap.TotalHours);
        }

        return await WithKeyAsync<MadeKey>(
            maker, keyId,
            async key =>
            {
                if (key.UserId != maker.UserId)
                {
                    return KeyRefusals.NotTheMaker;
                }

                if (!key.Scopes.All(maker.Holds)
                    || await rules.CheckWithinMakersKeyAsync(maker, key.ExpiresAt, key.AllowedNetworks, key.RequestsPerMinute, cancellationToken) is not null)
                {
                    return KeyRefusals.WiderThanMaker;
                }

                if (await db.ApiKeys.AnyAsync(other => other.RotatedFrom == key.Id && other.RevokedAt == null, cancellationToken))
                {
                    return KeyRefusals.AlreadyRotated;
                }

                var secret = ApiKeyFormat.Generate();
                var successor = key.Rotate(IdOf(secret), ApiKeyFormat.Hash(secret), time.GetUtcNow(), overlap ?? options.Value.RotationOverlap);
                db.ApiKeys.Add(successor);
                events.Revoked(key);
                audit.Add(
                    AuditActions.ApiKeyRotated, key.UserId, organizationId: key.OrganizationId, target: key.Id.ToString(), actorId: maker.UserId,
                    details: new Dictionary<string, string?> { ["successor"] = successor.Id.ToString() });
                await TellAsync(successor, cancellationToken);
                return new MadeKey(successor, secret);
            },
            cancellationToken);
    }

    /// <summary>Revokes a key. One that is revoked already stays so.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="keyId">The key's number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<ApiKey>> RevokeAsync(Guid userId, Guid keyId, CancellationToken cancellationToken)
    {
        if (await rules.SeenBy(userId).SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken) is not { } key)
        {
            return KeyRefusals.NotFound;
        }

        if (key.RevokedAt is null)
        {
            Revoke(key, userId);
            await db.SaveChangesAsync(cancellationToken);
        }

        return key;
    }

    /// <summary>Revokes keys, those that are not revoked yet. Adds to the changes of the caller, who saves.</summary>
    /// <param name="which">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RevokeAllAsync(IQueryable<ApiKey> which, CancellationToken cancellationToken)
    {
        foreach (var key in await which.Where(key => key.RevokedAt == null).ToListAsync(cancellationToken))
        {
            // Revoked by a change that is not saved yet: told and noted already.
            if (key.RevokedAt is null)
            {
                Revoke(key, null);
            }
        }
    }

    private static string IdOf(string secret) =>
        ApiKeyFormat.TryParse(secret, out var id) ? id : throw new InvalidOperationException("A key was generated that is none.");

    private void Revoke(ApiKey key, Guid? actorId)
    {
        key.Revoke(time.GetUtcNow());
        events.Revoked(key);
        audit.Add(AuditActions.ApiKeyRevoked, key.UserId, organizationId: key.OrganizationId, target: key.Id.ToString(), actorId: actorId);
    }

    private async Task TellAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(candidate => candidate.Id == key.UserId, cancellationToken);
        if (user.Email is { } address)
        {
            events.Notify(
                NotificationTemplates.ApiKeyCreated, address, user.Language, user.Id,
                new Dictionary<string, string> { ["name"] = key.Name, ["when"] = events.Now() });
        }
    }

    // One change at a time for a key's account, so that its number of keys and a key's one successor hold.
    private async Task<Outcome<T>> WithKeyAsync<T>(KeyMaker maker, Guid keyId, Func<ApiKey, Task<Outcome<T>>> change, CancellationToken cancellationToken)
        where T : class
    {
        var found = await rules.SeenBy(maker.UserId).AsNoTracking().SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken);
        return found is null
            ? KeyRefusals.NotFound
            : await InAccountAsync<T>(
                maker.UserId, found.OrganizationId,
                async () =>
                {
                    var key = await db.ApiKeys.SingleAsync(candidate => candidate.Id == keyId, cancellationToken);
                    return key.IsAlive(time.GetUtcNow()) ? await change(key) : KeyRefusals.Ended;
                },
                cancellationToken);
    }

    private async Task<Outcome<T>> InAccountAsync<T>(
        Guid userId, Guid? organizationId, Func<Task<Outcome<T>>> change, CancellationToken cancellationToken)
        where T : class
    {
        if (organizationId is { } id)
        {
            var outcome = await gate.ChangeAsync<T>(id, userId, OrganizationAct.ManageKeys, (_, _) => change(), cancellationToken);
            return outcome.Refusal == OrganizationRefusals.NotFound ? KeyRefusals.OrganizationNotFound
                : outcome.Refusal == OrganizationRefusals.RoleTooLow ? KeyRefusals.RoleTooLow
                : outcome;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await gate.LockPersonAsync(userId, cancellationToken);
        if (!await db.Users.AnyAsync(user => user.Id == userId && user.DeletedAt == null, cancellationToken))
        {
            return KeyRefusals.NoAccount;
        }

        var done = await change();
        if (done.IsDone)
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return done;
    }
}

/// <summary>A key's name and what restricts it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="AllowedNetworks">From where it may be used; empty: from anywhere.</param>
/// <param name="RequestsPerMinute">Its own limit; null: only those of the account.</param>
public sealed record KeyRestrictions(string? Name, IReadOnlyList<string>? AllowedNetworks, int? RequestsPerMinute);
