using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Domain;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Ingest;

/// <summary>Appends entries to the ledger and says so, in one transaction.</summary>
/// <param name="dataSource">Usage's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class LedgerWriter(NpgsqlDataSource dataSource, IOutbox outbox, TimeProvider timeProvider)
{
    private const int MaximumEntriesPerMessage = 500;

    private const string InsertSql =
        """
        INSERT INTO ledger (id, account_id, source, source_id, time, recorded_at, feature, provider, model,
                            input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, batch_id, requests, type)
        SELECT *, (SELECT max(id) FROM ledger_batches), 1, 'llm.call.v1' FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT DO NOTHING
        RETURNING id
        """;

    /// <summary>Appends what is not there yet. The entries are durable when this returns.</summary>
    /// <param name="entries">The entries; the same event may stand among them more than once.</param>
    /// <param name="cancellationToken">Cancels; nothing is then appended.</param>
    /// <returns>The ids of the entries that are new; the others are duplicates.</returns>
    public async Task<IReadOnlySet<Guid>> AppendAsync(IReadOnlyCollection<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0)
        {
            return new HashSet<Guid>();
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The reporter may not know yet that the account has become part of another one.
        var aliases = await AccountAliases.ResolveAsync(connection, transaction, entries.Select(entry => entry.AccountId), cancellationToken);
        // Always in the same order, so that two requests with the same events wait for each other instead of deadlocking.
        var rows = entries
            .Select(entry => entry with { AccountId = aliases.Of(entry.AccountId) })
            .OrderBy(entry => entry.AccountId).ThenBy(entry => entry.Source, StringComparer.Ordinal).ThenBy(entry => entry.SourceId, StringComparer.Ordinal)
            .ToArray();
        await using (var batch = new NpgsqlCommand("INSERT INTO ledger_batches (recorded_at, entries) VALUES ($1, $2)", connection, transaction))
        {
            batch.Parameters.Add(new() { Value = timeProvider.GetUtcNow() });
            batch.Parameters.Add(new() { Value = rows.Length });
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        var stored = await InsertAsync(connection, transaction, rows, cancellationToken);
        await outbox.InsertAsync(connection, transaction, [.. Announce(rows.Where(row => stored.Contains(row.Id)))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return stored;
    }

    private static async Task<HashSet<Guid>> InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, LedgerEntry[] rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSql, connection, transaction);
        command.Parameters.Add(Column(rows, row => row.Id, NpgsqlDbType.Uuid));
        command.Parameters.Add(Column(rows, row => row.AccountId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Column(rows, row => row.Source, NpgsqlDbType.Text));
        command.Parameters.Add(Column(rows, row => row.SourceId, NpgsqlDbType.Text));
        command.Parameters.Add(Column(rows, row => row.Time, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Column(rows, row => row.RecordedAt, NpgsqlDbType.TimestampTz));
        command.Parameters.Add(Column(rows, row => row.Feature, NpgsqlDbType.Text));
        command.Parameters.Add(Column(rows, row => row.Provider, NpgsqlDbType.Text));
        command.Parameters.Add(Column(rows, row => row.Model, NpgsqlDbType.Text));
        command.Parameters.Add(Column(rows, row => row.InputTokens, NpgsqlDbType.Bigint));
        command.Parameters.Add(Column(rows, row => row.CachedInputTokens, NpgsqlDbType.Bigint));
        command.Parameters.Add(Column(rows, row => row.CacheWriteTokens, NpgsqlDbType.Bigint));
        command.Parameters.Add(Column(rows, row => row.OutputTokens, NpgsqlDbType.Bigint));
        command.Parameters.Add(Column(rows, row => row.ReasoningTokens, NpgsqlDbType.Bigint));

        var stored = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(reader.GetGuid(0));
        }

        return stored;
    }

    private static NpgsqlParameter Column<T>(LedgerEntry[] rows, Func<LedgerEntry, T> value, NpgsqlDbType type) =>
        new() { Value = Array.ConvertAll(rows, row => value(row)), NpgsqlDbType = NpgsqlDbType.Array | type };

    private IEnumerable<OutboxEvent> Announce(IEnumerable<LedgerEntry> stored) => stored
        .Chunk(MaximumEntriesPerMessage)
        .Select(chunk => new OutboxEvent(new UsageRecorded
        {
            EventId = Guid.CreateVersion7(timeProvider.GetUtcNow()),
            OccurredAt = timeProvider.GetUtcNow(),
            Entries = [.. chunk.Select(ToEntry)],
        }));

    private static UsageEntry ToEntry(LedgerEntry entry) => new()
    {
        EntryId = entry.Id,
        AccountId = entry.AccountId,
        Time = entry.Time,
        Feature = entry.Feature,
        Model = entry.Model,
        InputTokens = entry.InputTokens,
        CachedInputTokens = entry.CachedInputTokens,
        CacheWriteTokens = entry.CacheWriteTokens,
        OutputTokens = entry.OutputTokens,
        ReasoningTokens = entry.ReasoningTokens,
    };
}
