using System.Collections.Concurrent;
using System.Security.Cryptography;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Identity.TokenServer.Keys;

/// <summary>
/// The keys in the table: makes what is missing or due, deletes what is over, and loads what this process works with. Any number of replicas may do it
/// at once; an advisory lock of the database lets one of them change the table.
/// </summary>
internal sealed partial class SigningKeyStore(
    IServiceScopeFactory scopes, KeyMaterial material, SigningKeyRing ring, IOptions<TokenServerOptions> options, TimeProvider time,
    ILogger<SigningKeyStore> logger)
{
    // The class of the lock: "keys" in ASCII.
    private const int LockClass = 0x6B657973;

    // Opening a key costs; the same row always gives the same key. A row that could not be opened is tried again: the key ring may have been restored.
    private readonly ConcurrentDictionary<string, SecurityKey> _opened = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);

    /// <summary>Rotates what is due, unless another replica is at it, and loads the keys.</summary>
    /// <param name="mayWait">Whether to wait for that other replica: at the first start there may be no key yet.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RefreshAsync(bool mayWait, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        if (Due(rows, time.GetUtcNow()))
        {
            await RotateAsync(scope.ServiceProvider, db, mayWait, cancellationToken);
            rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        }

        ring.Use(Load(rows));
    }

    private async Task RotateAsync(IServiceProvider services, IdentityDbContext db, bool mayWait, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (mayWait)
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockClass}, 1)", cancellationToken);
        }
        else if (!await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({LockClass}, 1) AS \"Value\"").SingleAsync(cancellationToken))
        {
            return;
        }

        var now = time.GetUtcNow();
        var audit = services.GetRequiredService<AuditTrail>();
        var rows = await db.SigningKeys.ToListAsync(cancellationToken);
        db.SigningKeys.RemoveRange(rows.Where(row => row.RemovedAt <= now));
        foreach (var (use, algorithm) in KeyMaterial.Kinds)
        {
            if (NextActivation(rows, use, algorithm, now) is { } activeAt)
            {
                var key = material.Create(use, algorithm, now, activeAt, options.Value.Keys);
                db.SigningKeys.Add(key);
                audit.Add(AuditActions.SigningKeyCreated, userId: null, target: key.Id, details: new Dictionary<string, string?> { ["algorithm"] = algorithm });
                LogCreated(logger, algorithm, key.Id, activeAt);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private bool Due(List<SigningKey> rows, DateTimeOffset now) =>
        rows.Any(row => row.RemovedAt <= now) || KeyMaterial.Kinds.Any(kind => NextActivation(rows, kind.Use, kind.Algorithm, now) is not null);

    // When a new key of a kind is to be used first; null while none is needed. A key that cannot be opened does not count.
    private DateTimeOffset? NextActivation(List<SigningKey> rows, SigningKeyUse use, string algorithm, DateTimeOffset now)
    {
        var usable = rows.Where(row => row.Use == use && row.Algorithm == algorithm && row.RetiredAt > now && Open(row) is not null).ToList();
        if (!usable.Exists(row => row.ActiveAt <= now))
        {
            return now;
        }

        var end = usable.Max(row => row.RetiredAt);
        return end - now <= options.Value.Keys.Announcement ? end : null;
    }

    private KeySet Load(List<SigningKey> rows)
    {
        var now = time.GetUtcNow();
        var keys = rows
            .Where(row => row.RemovedAt > now)
            .Select(row => (Row: row, Key: Open(row)))
            .Where(pair => pair.Key is not null)
            .OrderBy(pair => pair.Row.ActiveAt <= now && now < pair.Row.RetiredAt ? 0 : 1)
            .ThenBy(pair => pair.Row.Algorithm, StringComparer.Ordinal) // ES256 comes before RS256, and the first one that signs is the default.
            .ThenByDescending(pair => pair.Row.ActiveAt)
            .ToList();
        return new KeySet(
            [.. keys.Where(pair => pair.Row.Use == SigningKeyUse.Signing).Select(pair => new SigningCredentials(pair.Key, pair.Row.Algorithm))],
            [.. keys.Where(pair => pair.Row.Use == SigningKeyUse.Encryption)
                .Select(pair => new EncryptingCredentials(pair.Key, pair.Row.Algorithm, SecurityAlgorithms.Aes256CbcHmacSha512))],
            string.Join(' ', keys.Select(pair => pair.Row.Id)));
    }

    private SecurityKey? Open(SigningKey row)
    {
        if (_opened.TryGetValue(row.Id, out var known))
        {
            return known;
        }

        try
        {
            return _opened.GetOrAdd(row.Id, material.Open(row));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            if (_reported.TryAdd(row.Id, true))
            {
                LogUnreadable(logger, exception, row.Id);
            }

            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made a key for {Algorithm}, {KeyId}, in use from {ActiveAt:O}")]
    private static partial void LogCreated(ILogger logger, string algorithm, string keyId, DateTimeOffset activeAt);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The key {KeyId} of the table signing_keys cannot be decrypted, and another one takes its place. Tokens that it signed are refused; people sign in again. The key ring in the table data_protection_keys is not the one that encrypted it: restore that table from the same backup as signing_keys, together with the certificate that protects it, or delete the row to accept the loss.")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string keyId);
}
