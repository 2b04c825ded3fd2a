using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.ServiceDefaults.Idempotency;

internal static class IdempotencyServices
{
    /// <summary>Only a service with a database can remember keys.</summary>
    internal static void AddIdempotencyKeys(this IServiceCollection services)
    {
        services.TryAddScoped<IdempotencyStore>();
        services.AddHostedService<IdempotencyRetention>();
    }
}

/// <summary>The answer that was given to the first request with a key. Without a body when that held a secret.</summary>
internal sealed record StoredAnswer(int StatusCode, string? ContentType, string? Location, byte[]? Body);

/// <summary>What became of an attempt to take a key.</summary>
internal abstract record KeyClaim
{
    /// <summary>The key is this request's since a moment, which tells its claim from that of a request that takes an abandoned key over.</summary>
    internal sealed record Taken(DateTimeOffset At) : KeyClaim;

    /// <summary>Another request holds the key and has not answered yet.</summary>
    internal sealed record InFlight : KeyClaim;

    /// <summary>The key belongs to a different request.</summary>
    internal sealed record Mismatch : KeyClaim;

    /// <summary>The request was carried out before.</summary>
    internal sealed record Answered(StoredAnswer Answer) : KeyClaim;
}

/// <summary>The table <c>idempotency_keys</c>.</summary>
internal sealed class IdempotencyStore(NpgsqlDataSource dataSource, TimeProvider timeProvider)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // A process that was killed leaves its key without an answer, so another request may take it over. Should the first one still live,
    // its claim is not the present one any more and its answer is not stored.
    internal static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(2);

    internal async Task<KeyClaim> ClaimAsync(string owner, string key, byte[] requestHash, CancellationToken cancellationToken)
    {
        // To the microsecond, as the database keeps it.
        var now = timeProvider.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        await using var claim = dataSource.CreateCommand(
            """
            INSERT INTO idempotency_keys AS k (owner, key, request_hash, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (owner, key) DO UPDATE
               SET request_hash = excluded.request_hash, created_at = excluded.created_at,
                   status_code = NULL, content_type = NULL, location = NULL, body = NULL
             WHERE k.created_at < $5 OR (k.status_code IS NULL AND k.created_at < $6 AND k.request_hash = excluded.request_hash)
            """);
        claim.Parameters.Add(new() { Value = owner });
        claim.Parameters.Add(new() { Value = key });
        claim.Parameters.Add(new() { Value = requestHash });
        claim.Parameters.Add(new() { Value = now });
        claim.Parameters.Add(new() { Value = now - Lifetime });
        claim.Parameters.Add(new() { Value = now - AbandonedAfter });
        return await claim.ExecuteNonQueryAsync(cancellationToken) == 1
            ? new KeyClaim.Taken(now)
            : await ReadAsync(owner, key, requestHash, cancellationToken);
    }

    internal async Task StoreAsync(string owner, string key, DateTimeOffset claimedAt, StoredAnswer answer, CancellationToken cancellationToken)
    {
        await using var store = dataSource.CreateCommand(
            "UPDATE idempotency_keys SET status_code = $3, content_type = $4, location = $5, body = $6 WHERE owner = $1 AND key = $2 AND created_at = $7");
        store.Parameters.Add(new() { Value = owner });
        store.Parameters.Add(new() { Value = key });
        store.Parameters.Add(new() { Value = answer.StatusCode });
        store.Parameters.Add(new() { Value = (object?)answer.ContentType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        store.Parameters.Add(new() { Value = (object?)answer.Location ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        store.Parameters.Add(new() { Value = (object?)answer.Body ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        store.Parameters.Add(new() { Value = claimedAt });
        await store.ExecuteNonQueryAsync(cancellationToken);
    }

    internal async Task ReleaseAsync(string owner, string key, DateTimeOffset claimedAt, CancellationToken cancellationToken)
    {
        await using var release = dataSource.CreateCommand(
            "DELETE FROM idempotency_keys WHERE owner = $1 AND key = $2 AND created_at = $3 AND status_code IS NULL");
        release.Parameters.Add(new() { Value = owner });
        release.Parameters.Add(new() { Value = key });
        release.Parameters.Add(new() { Value = claimedAt });
        await release.ExecuteNonQueryAsync(cancellationToken);
    }

    internal async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        await using var prune = dataSource.CreateCommand("DELETE FROM idempotency_keys WHERE created_at < $1");
        prune.Parameters.Add(new() { Value = timeProvider.GetUtcNow() - Lifetime });
        return await prune.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<KeyClaim> ReadAsync(string owner, string key, byte[] requestHash, CancellationToken cancellationToken)
    {
        await using var read = dataSource.CreateCommand(
            "SELECT request_hash, status_code, content_type, location, body FROM idempotency_keys WHERE owner = $1 AND key = $2");
        read.Parameters.Add(new() { Value = owner });
        read.Parameters.Add(new() { Value = key });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            // Released between our insert and this read: whoever sent it may try again.
            return new KeyClaim.InFlight();
        }

        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(requestHash))
        {
            return new KeyClaim.Mismatch();
        }

        if (await reader.IsDBNullAsync(1, cancellationToken))
        {
            return new KeyClaim.InFlight();
        }

        return new KeyClaim.Answered(new StoredAnswer(
            reader.GetInt32(1),
            reader.IsDBNull(2) ? null : reader.GetString(2),
            reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)));
    }
}

/// <summary>Removes keys whose 24 hours are over.</summary>
internal sealed partial class IdempotencyRetention(IServiceScopeFactory scopes, TimeProvider timeProvider, ILogger<IdempotencyRetention> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IdempotencyStore>().PruneAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogPostponed(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Idempotency keys were not pruned; the next attempt is in an hour")]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
