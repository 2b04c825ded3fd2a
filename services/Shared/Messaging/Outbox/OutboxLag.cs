using Npgsql;

namespace BotGeneric.Messaging.Outbox;

/// <summary>How far the dispatcher is behind.</summary>
/// <param name="DueCount">Rows that are due, counted up to 10,000, because counting more costs more than knowing it is worth.</param>
/// <param name="OldestDue">Since when the oldest of them is due, UTC.</param>
/// <param name="NextDue">When the next row that is not yet due will be, UTC.</param>
internal sealed record OutboxLag(long DueCount, DateTimeOffset? OldestDue, DateTimeOffset? NextDue)
{
    private const string Sql =
        """
        SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE not_before <= $1 LIMIT 10000) AS due),
               (SELECT min(not_before) FROM outbox WHERE not_before <= $1),
               (SELECT min(not_before) FROM outbox WHERE not_before > $1)
        """;

    public static async Task<OutboxLag> MeasureAsync(NpgsqlDataSource dataSource, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = now });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new OutboxLag(
            reader.GetInt64(0),
            reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
            reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2));
    }
}
