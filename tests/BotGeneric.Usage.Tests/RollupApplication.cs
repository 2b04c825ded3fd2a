using BotGeneric.Testing.Services;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Tests;

/// <summary>The service with a clock that tests move, in which nothing is folded, dropped or checked unless a test does it.</summary>
public sealed class RollupApplication() : ServiceApplication<Program>("usage")
{
    public TestClock Clock { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Usage:Rollups:InvariantInterval"] = "01:00:00",
    };

    /// <summary>Commits entries as the writer does: one batch.</summary>
    public async Task RecordAsync(params LedgerEntry[] entries)
    {
        _ = Server;
        await using var connection = new NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var opening = new NpgsqlCommand("INSERT INTO ledger_batches (recorded_at, entries) VALUES ($1, $2) RETURNING id", connection, transaction)
        {
            Parameters = { new() { Value = entries[0].RecordedAt }, new() { Value = entries.Length } },
        };
        var batch = (long)(await opening.ExecuteScalarAsync())!;
        foreach (var entry in entries)
        {
            await InsertAsync(connection, entry, batch);
        }

        await transaction.CommitAsync();
    }

    /// <summary>A call of a model.</summary>
    public LedgerEntry Call(Guid account, DateTimeOffset? time = null, string feature = "chat", string? model = "m1", decimal? cost = null, Guid? user = null, long input = 100) => new()
    {
        Id = Guid.CreateVersion7(),
        AccountId = account,
        UserId = user,
        Source = "tests",
        SourceId = Guid.NewGuid().ToString(),
        Time = time ?? Clock.GetUtcNow(),
        RecordedAt = Clock.GetUtcNow(),
        Feature = feature,
        Provider = "tests",
        Model = model,
        InputTokens = input,
        CachedInputTokens = 10,
        CacheWriteTokens = 5,
        OutputTokens = 20,
        ReasoningTokens = 3,
        Cost = cost,
        Currency = cost is null ? null : "USD",
        PriceId = cost is null ? null : Guid.CreateVersion7(),
    };

    /// <summary>An event of a meter.</summary>
    public LedgerEntry Event(Guid account, string type, string data, DateTimeOffset? time = null, Guid? user = null) =>
        Call(account, time, user: user) with
        {
            Type = type,
            Data = data,
            Requests = 0,
            InputTokens = 0,
            CachedInputTokens = 0,
            CacheWriteTokens = 0,
            OutputTokens = 0,
            ReasoningTokens = 0,
            Provider = null,
            Model = null,
        };

    /// <summary>Runs a statement.</summary>
    public async Task<object?> SqlAsync(string statement)
    {
        _ = Server;
        await using var connection = new NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        // They begin when the service does, and the first test of a class would be in a race with them.
        Type[] workers = [typeof(RollupWorker), typeof(RebuildWorker), typeof(RetentionWorker)];
        foreach (var worker in workers)
        {
            services.Remove(services.Single(service => service.ImplementationType == worker));
        }
    }

    private static async Task InsertAsync(NpgsqlConnection connection, LedgerEntry entry, long batch)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO ledger (recorded_at, time, batch_id, requests, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, id, account_id,
                                user_id, price_id, corrects_entry_id, cost, currency, type, source, source_id, feature, channel, provider, model, reason, data, meter_differences)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
            """,
            connection);
        object?[] values =
        [
            entry.RecordedAt, entry.Time, batch, entry.Requests, entry.InputTokens, entry.CachedInputTokens, entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens,
            entry.Id, entry.AccountId, entry.UserId, entry.PriceId, entry.CorrectsEntryId, entry.Cost, entry.Currency, entry.Type, entry.Source, entry.SourceId, entry.Feature,
            entry.Channel, entry.Provider, entry.Model, entry.Reason,
        ];
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        command.Parameters.Add(new NpgsqlParameter { Value = (object?)entry.Data ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)entry.MeterDifferences ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync();
    }
}
