using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Benchmarks;

/// <summary>The baseline of ingest: the same rows by COPY into the ledger itself, from one connection, a commit for every 5,000, and nothing else.</summary>
internal static class IngestCopy
{
    private const int RowsPerCommit = 5_000;

    /// <summary>Copies for a while.</summary>
    /// <returns>Rows a second.</returns>
    public static async Task<double> RunAsync(NpgsqlDataSource dataSource, TimeSpan duration)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        var accounts = Enumerable.Range(0, RowsPerCommit).Select(number => Guid.Parse(IngestLoad.Account(number))).ToArray();
        var started = TimeProvider.System.GetTimestamp();
        var rows = 0L;
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            await CopyAsync(connection, accounts);
            rows += RowsPerCommit;
        }

        return rows / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, Guid[] accounts)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await using var import = await connection.BeginBinaryImportAsync(
            """
            COPY ledger (recorded_at, time, batch_id, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, id, account_id,
                         type, source, source_id, feature, channel, provider, model) FROM STDIN (FORMAT BINARY)
            """);
        foreach (var account in accounts)
        {
            import.StartRow();
            import.Write(now, NpgsqlDbType.TimestampTz);
            import.Write(now, NpgsqlDbType.TimestampTz);
            import.Write(0L, NpgsqlDbType.Bigint);
            import.Write(1L, NpgsqlDbType.Bigint);
            import.Write(812L, NpgsqlDbType.Bigint);
            import.Write(256L, NpgsqlDbType.Bigint);
            import.Write(0L, NpgsqlDbType.Bigint);
            import.Write(143L, NpgsqlDbType.Bigint);
            import.Write(0L, NpgsqlDbType.Bigint);
            import.Write(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
            import.Write(account, NpgsqlDbType.Uuid);
            import.Write("llm.call.v1", NpgsqlDbType.Varchar);
            import.Write("urn:bench:copy", NpgsqlDbType.Varchar);
            import.Write(Guid.NewGuid().ToString(), NpgsqlDbType.Varchar);
            import.Write("chat", NpgsqlDbType.Varchar);
            import.Write("web", NpgsqlDbType.Varchar);
            import.Write("openai", NpgsqlDbType.Varchar);
            import.Write("gpt-4o-mini", NpgsqlDbType.Varchar);
        }

        await import.CompleteAsync();
    }
}
