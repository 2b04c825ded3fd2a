using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Corrections;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Rollups;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Prices;

/// <summary>Which calls are to be priced.</summary>
/// <param name="Model">The model as reported.</param>
/// <param name="From">Calls at or after this time.</param>
/// <param name="To">Calls before this time.</param>
/// <param name="Provider">The provider as reported; null: calls for which nobody said.</param>
public sealed record RepriceRequest(string Model, DateTimeOffset From, DateTimeOffset To, string? Provider = null);

/// <summary>What was priced.</summary>
/// <param name="Priced">Calls that have a cost now.</param>
/// <param name="StillUnpriced">Calls for whose time no price is known.</param>
/// <param name="Cost">The cost that was added, in each currency.</param>
public sealed record RepricedCalls(long Priced, long StillUnpriced, IReadOnlyList<Queries.Money> Cost);

/// <summary>
/// Prices calls whose price became known later. The ledger is append-only, so the cost is a correction that names the call and the price; a call gets at most one. What
/// other corrections have made of its tokens is what is priced.
/// </summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="book">The prices.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class Repricing(NpgsqlDataSource dataSource, IPriceBook book, IOutbox outbox, TimeProvider timeProvider)
{
    /// <summary>The reason that such a correction gives.</summary>
    public const string Reason = "The price became known.";

    private const string Source = "urn:bot-generic:usage:reprice";
    private const int Chunk = 500;

    // A correction with a cost, whoever made it, is the cost of the call: an admin may have entered it by hand.
    private const string Select =
        """
        SELECT e.id, e.account_id, e.user_id, e.api_key_id, e.time, e.feature, e.channel, e.provider, e.model, e.hold_id,
               e.input_tokens + coalesce(c.input_tokens, 0), e.cached_input_tokens + coalesce(c.cached_input_tokens, 0), e.cache_write_tokens + coalesce(c.cache_write_tokens, 0),
               e.output_tokens + coalesce(c.output_tokens, 0), e.reasoning_tokens + coalesce(c.reasoning_tokens, 0), e.recorded_at
          FROM ledger AS e
          LEFT JOIN LATERAL (
                SELECT sum(input_tokens)::bigint AS input_tokens, sum(cached_input_tokens)::bigint AS cached_input_tokens, sum(cache_write_tokens)::bigint AS cache_write_tokens,
                       sum(output_tokens)::bigint AS output_tokens, sum(reasoning_tokens)::bigint AS reasoning_tokens, bool_or(cost IS NOT NULL) AS has_cost
                  FROM ledger WHERE corrects_entry_id = e.id) AS c ON true
         WHERE e.type = 'llm.call.v1' AND e.corrects_entry_id IS NULL AND e.cost IS NULL AND NOT coalesce(c.has_cost, false)
           AND e.model = $1 AND e.provider IS NOT DISTINCT FROM $2 AND e.time >= $3 AND e.time < $4 AND (e.recorded_at, e.id) > ($5, $6)
         ORDER BY e.recorded_at, e.id
         LIMIT $7
        """;

    private const string Insert =
        """
        INSERT INTO ledger (recorded_at, time, batch_id, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, id, account_id,
                            user_id, hold_id, price_id, corrects_entry_id, cost, currency, type, source, source_id, feature, channel, provider, model, api_key_id, reason)
        SELECT $1, time, $2, 0, 0, 0, 0, 0, 0, id, account_id, user_id, hold_id, price_id, corrects, cost, currency, 'llm.call.v1', $3, id::text, feature, channel,
               provider, model, api_key_id, $4
          FROM unnest($5::timestamptz[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::numeric[], $13::text[], $14::text[], $15::text[], $16::text[],
                      $17::text[], $18::text[])
               AS row (time, id, account_id, user_id, hold_id, price_id, corrects, cost, currency, feature, channel, provider, model, api_key_id)
        """;

    private const string LockEntries =
        "SELECT pg_advisory_xact_lock($1, lock) FROM (SELECT DISTINCT hashtext(entry) AS lock FROM unnest($2) AS entry ORDER BY 1) AS locks";

    /// <summary>Prices.</summary>
    /// <param name="request">Which calls.</param>
    /// <param name="cancellationToken">Cancels; what was priced so far stays priced.</param>
    public async Task<RepricedCalls> RunAsync(RepriceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await book.RefreshIfStaleAsync(cancellationToken);
        var cost = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        (DateTimeOffset RecordedAt, Guid Id) after = (DateTimeOffset.UnixEpoch, Guid.Empty);
        long priced = 0, unpriced = 0;
        int read;
        do
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.ExecuteAsync(transaction, RollupLock.TakePricing, cancellationToken);
            var calls = await ReadAsync(connection, transaction, request, after, cancellationToken);
            read = calls.Count;
            var last = read == 0 ? after : (calls[^1].RecordedAt, calls[^1].Id);
            calls = await LockAsync(connection, transaction, request, after, calls, cancellationToken);
            after = last;
            var corrections = calls.Select(Price).OfType<Correction>().ToList();
            if (corrections.Count > 0)
            {
                await RecordAsync(connection, transaction, corrections, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            foreach (var correction in corrections)
            {
                cost[correction.Price.Currency] = cost.GetValueOrDefault(correction.Price.Currency) + correction.Price.Cost;
            }

            priced += corrections.Count;
            unpriced += calls.Count - corrections.Count;
        }
        while (read == Chunk);

        return new RepricedCalls(priced, unpriced, [.. cost.Select(entry => new Queries.Money(DecimalText.Write(entry.Value), entry.Key))]);
    }

    // Merges of the accounts and corrections of the calls wait, in the order in which corrections take the same locks; what either did before is read anew.
    private static async Task<List<Call>> LockAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, RepriceRequest request, (DateTimeOffset RecordedAt, Guid Id) after, List<Call> calls,
        CancellationToken cancellationToken)
    {
        if (calls.Count == 0)
        {
            return calls;
        }

        await AccountAliases.ResolveAsync(connection, transaction, calls.Select(call => call.AccountId), cancellationToken);
        await connection.ExecuteAsync(transaction, LockEntries, cancellationToken, LedgerCorrections.LockClass, calls.Select(call => call.Id.ToString()).ToArray());
        var locked = calls.Select(call => call.Id).ToHashSet();
        return [.. (await ReadAsync(connection, transaction, request, after, cancellationToken)).Where(call => locked.Contains(call.Id))];
    }

    // Corrections may have raised a pool beyond what a call can have; such a call is for a person to look at.
    private Correction? Price(Call call) =>
        new[] { call.Pools.Input, call.Pools.CachedInput, call.Pools.CacheWrite, call.Pools.Output, call.Pools.Reasoning }.All(tokens => tokens is >= 0 and <= CloudEventLimits.MaximumTokens)
            && book.Find(call.Provider, call.Model, call.Time, call.Pools) is { } price
            ? new Correction(Guid.CreateVersion7(timeProvider.GetUtcNow()), call, price)
            : null;

    private static async Task<List<Call>> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, RepriceRequest request, (DateTimeOffset RecordedAt, Guid Id) after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Select, connection, transaction)
        {
            CommandTimeout = 0,
            Parameters =
            {
                new() { Value = request.Model },
                new() { Value = (object?)request.Provider ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = request.From.ToUniversalTime() },
                new() { Value = request.To.ToUniversalTime() },
                new() { Value = after.RecordedAt },
                new() { Value = after.Id },
                new() { Value = Chunk },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var calls = new List<Call>();
        while (await reader.ReadAsync(cancellationToken))
        {
            calls.Add(new Call(
                reader.GetGuid(0), reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), Text(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5), Text(6),
                Text(7), Text(8), reader.IsDBNull(9) ? null : reader.GetGuid(9),
                new TokenPools(reader.GetInt64(10), reader.GetInt64(11), reader.GetInt64(12), reader.GetInt64(13), reader.GetInt64(14)), reader.GetFieldValue<DateTimeOffset>(15)));
        }

        return calls;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private async Task RecordAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, List<Correction> rows, CancellationToken cancellationToken)
    {
        var now = PriceCatalogue.ToMicroseconds(timeProvider.GetUtcNow());
        var batch = await LedgerBatchAsync(connection, transaction, now, rows.Count, cancellationToken);
        await using (var command = new NpgsqlCommand(Insert, connection, transaction))
        {
            command.Parameters.Add(new() { Value = now });
            command.Parameters.Add(new() { Value = batch });
            command.Parameters.Add(new() { Value = Source });
            command.Parameters.Add(new() { Value = Reason });
            Add(rows.Select(row => row.Call.Time).ToArray(), NpgsqlDbType.TimestampTz);
            Add(rows.Select(row => row.Id).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Call.AccountId).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Call.UserId).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Call.HoldId).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Price.PriceId).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Call.Id).ToArray(), NpgsqlDbType.Uuid);
            Add(rows.Select(row => row.Price.Cost).ToArray(), NpgsqlDbType.Numeric);
            Add(rows.Select(row => row.Price.Currency).ToArray(), NpgsqlDbType.Text);
            Add(rows.Select(row => row.Call.Feature).ToArray(), NpgsqlDbType.Text);
            Add(rows.Select(row => row.Call.Channel).ToArray(), NpgsqlDbType.Text);
            Add(rows.Select(row => row.Call.Provider).ToArray(), NpgsqlDbType.Text);
            Add(rows.Select(row => row.Call.Model).ToArray(), NpgsqlDbType.Text);
            Add(rows.Select(row => row.Call.ApiKeyId).ToArray(), NpgsqlDbType.Text);
            await command.ExecuteNonQueryAsync(cancellationToken);

            void Add<T>(T[] values, NpgsqlDbType type) => command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        }

        var told = new UsageRecorded { EventId = Guid.CreateVersion7(now), OccurredAt = now, Entries = [.. rows.Select(row => row.ToEntry())] };
        await outbox.InsertAsync(connection, transaction, [new OutboxEvent(told)], cancellationToken);
    }

    private static async Task<long> LedgerBatchAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, DateTimeOffset now, int entries, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("INSERT INTO ledger_batches (recorded_at, entries) VALUES ($1, $2) RETURNING id", connection, transaction)
        {
            Parameters = { new() { Value = now }, new() { Value = entries } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private sealed record Call(
        Guid Id, Guid AccountId, Guid? UserId, string? ApiKeyId, DateTimeOffset Time, string Feature, string? Channel, string? Provider, string? Model, Guid? HoldId,
        TokenPools Pools, DateTimeOffset RecordedAt);

    private sealed record Correction(Guid Id, Call Call, CallPrice Price)
    {
        public UsageEntry ToEntry() => new()
        {
            EntryId = Id,
            AccountId = Call.AccountId,
            UserId = Call.UserId,
            ApiKeyId = Call.ApiKeyId,
            Time = Call.Time,
            Feature = Call.Feature,
            Channel = Call.Channel,
            Provider = Call.Provider,
            Model = Call.Model,
            HoldId = Call.HoldId,
            CorrectsEntryId = Call.Id,
            Requests = 0,
            Cost = Price.Cost,
            Currency = Price.Currency,
        };
    }
}
