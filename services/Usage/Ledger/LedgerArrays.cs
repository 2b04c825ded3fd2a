using BotGeneric.Usage.Domain;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Usage.Ledger;

/// <summary>Entries as arrays, one for each column: the way of small batches into the ledger, see <see cref="LedgerStaging"/> for that of large ones.</summary>
internal static class LedgerArrays
{
    // In the order of LedgerStaging.Columns, as Add adds them.
    private static readonly string[] Types =
    [
        "timestamptz", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "uuid", "uuid", "uuid", "uuid", "uuid", "uuid", "numeric", "text", "text", "text", "text", "text",
        "text", "text", "text", "text", "text", "jsonb", "boolean", "jsonb",
    ];

    /// <summary>The rows as a table named <c>staged</c>; the position of each is its place in the list, from 1.</summary>
    /// <param name="first">The number of the first parameter.</param>
    public static string Rows(int first) =>
        $"unnest({string.Join(", ", Types.Select((type, index) => $"${first + index}::{type}[]"))}) WITH ORDINALITY AS staged ({LedgerStaging.Columns}, position)";

    /// <summary>Adds the parameters.</summary>
    /// <param name="command">The statement.</param>
    /// <param name="entries">The entries.</param>
    public static void Add(NpgsqlCommand command, IReadOnlyList<LedgerEntry> entries)
    {
        Values(entry => entry.Time.UtcDateTime, NpgsqlDbType.TimestampTz);
        Values(entry => entry.Requests, NpgsqlDbType.Bigint);
        Values(entry => entry.InputTokens, NpgsqlDbType.Bigint);
        Values(entry => entry.CachedInputTokens, NpgsqlDbType.Bigint);
        Values(entry => entry.CacheWriteTokens, NpgsqlDbType.Bigint);
        Values(entry => entry.OutputTokens, NpgsqlDbType.Bigint);
        Values(entry => entry.ReasoningTokens, NpgsqlDbType.Bigint);
        Values(entry => entry.Id, NpgsqlDbType.Uuid);
        Values(entry => entry.AccountId, NpgsqlDbType.Uuid);
        Values(entry => entry.UserId, NpgsqlDbType.Uuid);
        Values(entry => entry.HoldId, NpgsqlDbType.Uuid);
        Values(entry => entry.PriceId, NpgsqlDbType.Uuid);
        Values(entry => entry.CorrectsEntryId, NpgsqlDbType.Uuid);
        Values(entry => entry.Cost, NpgsqlDbType.Numeric);
        Values(entry => entry.Currency, NpgsqlDbType.Text);
        Values(entry => entry.Type, NpgsqlDbType.Text);
        Values(entry => entry.Source, NpgsqlDbType.Text);
        Values(entry => entry.SourceId, NpgsqlDbType.Text);
        Values(entry => entry.Feature, NpgsqlDbType.Text);
        Values(entry => entry.Channel, NpgsqlDbType.Text);
        Values(entry => entry.Provider, NpgsqlDbType.Text);
        Values(entry => entry.Model, NpgsqlDbType.Text);
        Values(entry => entry.ApiKeyId, NpgsqlDbType.Text);
        Values(entry => entry.Reason, NpgsqlDbType.Text);
        Values(entry => entry.Data, NpgsqlDbType.Jsonb);
        Values(entry => entry.GivesCost, NpgsqlDbType.Boolean);
        Values(entry => entry.MeterDifferences, NpgsqlDbType.Jsonb);

        void Values<T>(Func<LedgerEntry, T> value, NpgsqlDbType type)
        {
            var values = new T[entries.Count];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = value(entries[index]);
            }

            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        }
    }
}
