using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Email;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>
/// What time does to deliveries: ends those that are of no use any more, deletes content that is not needed, forgets old entries, and measures
/// what waits. Rows that another replica holds are skipped.
/// </summary>
internal sealed class DeliveryCare(NpgsqlDataSource dataSource, DeliveryDiagnostics diagnostics, IOptions<EmailOptions> options, TimeProvider timeProvider)
{
    private const int Chunk = 500;

    private const string Expire =
        """
        UPDATE deliveries SET state = 'Expired', content = NULL, finished_at = $1, last_reason = coalesce(last_reason, 'it was of no use any more')
        WHERE id = ANY (ARRAY(
            SELECT id FROM deliveries WHERE state = 'Pending' AND expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING template
        """;

    private const string DeleteContent =
        """
        UPDATE deliveries SET content = NULL, content_deleted_at = NULL
        WHERE id = ANY (ARRAY(
            SELECT id FROM deliveries WHERE content_deleted_at <= $1 ORDER BY content_deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private const string Forget =
        """
        DELETE FROM deliveries WHERE id = ANY (ARRAY(
            SELECT id FROM deliveries WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private const string Measure =
        """
        SELECT count(*), min(created_at), (SELECT min(next_attempt_at) FROM deliveries WHERE state = 'Pending' AND next_attempt_at > $1)
        FROM (SELECT created_at FROM deliveries WHERE state = 'Pending' LIMIT 10000) AS pending
        """;

    /// <summary>One round.</summary>
    /// <param name="looked">
    /// When the worker last began to look for what is due. What came due after that counts as the next delivery, although its time may have
    /// come by now: else neither look would see it.
    /// </param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When the next delivery is due; null when none waits for its time.</returns>
    public async Task<DateTimeOffset?> RunAsync(DateTimeOffset looked, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        foreach (var expired in (await ExpireAsync(now, cancellationToken)).CountBy(template => template))
        {
            diagnostics.Finished(DeliveryState.Expired, expired.Key, expired.Value);
        }

        await ExecuteAsync(DeleteContent, now, cancellationToken);
        await ExecuteAsync(Forget, now - options.Value.LogRetention, cancellationToken);
        return await MeasureAsync(now, looked, cancellationToken);
    }

    private async Task<List<string>> ExpireAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = Command(Expire, now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var templates = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            templates.Add(reader.GetString(0));
        }

        return templates;
    }

    private async Task<DateTimeOffset?> MeasureAsync(DateTimeOffset now, DateTimeOffset looked, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Measure);
        command.Parameters.Add(new() { Value = looked });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        diagnostics.Measured(reader.GetInt64(0), reader.IsDBNull(1) ? TimeSpan.Zero : now - reader.GetFieldValue<DateTimeOffset>(1));
        return reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2);
    }

    private async Task ExecuteAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, before);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, DateTimeOffset time)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = time });
        command.Parameters.Add(new() { Value = Chunk });
        return command;
    }
}
