using BotGeneric.Usage.Domain;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Ledger;

/// <summary>The temporary table through which batches of many entries reach the ledger.</summary>
internal static class LedgerStaging
{
    public const string Table = "ledger_staging";

    // Rows leave with the transaction, the table with the connection.
    public const string Create =
        $"""
        CREATE TEMPORARY TABLE IF NOT EXISTS {Table} (
            position integer, time timestamp with time zone, requests bigint, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint,
            output_tokens bigint, reasoning_tokens bigint, id uuid, account_id uuid, user_id uuid, hold_id uuid, price_id uuid, corrects_entry_id uuid,
            cost numeric(38,12), currency character(3), type varchar, source varchar COLLATE "C", source_id varchar COLLATE "C", feature varchar, channel varchar,
            provider varchar, model varchar, api_key_id varchar, reason varchar, data jsonb,
            gives_cost boolean, meter_differences jsonb
        ) ON COMMIT DELETE ROWS
        """;

    public const string Columns =
        """
        time, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, id, account_id, user_id, hold_id, price_id,
        corrects_entry_id, cost, currency, type, source, source_id, feature, channel, provider, model, api_key_id, reason, data,
        gives_cost, meter_differences
        """;

    private const string Copy = $"COPY {Table} (position, {Columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>Writes the entries; the position of each is its place in the list.</summary>
    public static async Task FillAsync(NpgsqlConnection connection, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        for (var position = 0; position < entries.Count; position++)
        {
            var entry = entries[position];
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(position, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(entry.Time.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            await import.WriteAsync(entry.Requests, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.InputTokens, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.CachedInputTokens, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.CacheWriteTokens, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.OutputTokens, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.ReasoningTokens, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(entry.Id, NpgsqlDbType.Uuid, cancellationToken);
            await import.WriteAsync(entry.AccountId, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(import, entry.UserId, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(import, entry.HoldId, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(import, entry.PriceId, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(import, entry.CorrectsEntryId, NpgsqlDbType.Uuid, cancellationToken);
            await WriteAsync(import, entry.Cost, NpgsqlDbType.Numeric, cancellationToken);
            await WriteAsync(import, entry.Currency, NpgsqlDbType.Char, cancellationToken);
            await import.WriteAsync(entry.Type, NpgsqlDbType.Varchar, cancellationToken);
            await import.WriteAsync(entry.Source, NpgsqlDbType.Varchar, cancellationToken);
            await import.WriteAsync(entry.SourceId, NpgsqlDbType.Varchar, cancellationToken);
            await import.WriteAsync(entry.Feature, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.Channel, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.Provider, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.Model, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.ApiKeyId, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.Reason, NpgsqlDbType.Varchar, cancellationToken);
            await WriteAsync(import, entry.Data, NpgsqlDbType.Jsonb, cancellationToken);
            await WriteAsync(import, entry.GivesCost, NpgsqlDbType.Boolean, cancellationToken);
            await WriteAsync(import, entry.MeterDifferences, NpgsqlDbType.Jsonb, cancellationToken);
        }

        await import.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync<T>(NpgsqlBinaryImporter import, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : struct =>
        value is { } given ? import.WriteAsync(given, type, cancellationToken) : import.WriteNullAsync(cancellationToken);

    private static Task WriteAsync(NpgsqlBinaryImporter import, string? value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        value is null ? import.WriteNullAsync(cancellationToken) : import.WriteAsync(value, type, cancellationToken);
}
