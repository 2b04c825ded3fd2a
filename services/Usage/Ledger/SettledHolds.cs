using BotGeneric.Usage.Domain;
using Npgsql;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Sees to it that a hold is settled by one event: whoever records an event that names a hold claims the hold in the same transaction. An id that somebody makes up anew for
/// each try is then no second call.
/// </summary>
internal static class SettledHolds
{
    // In the order of the key, so that two writers wait for each other instead of deadlocking. Of a hold that stands there twice the second is a conflict too.
    private const string Claim =
        """
        INSERT INTO settled_holds (account_id, hold_id, recorded_at)
        SELECT account_id, hold_id, $1 FROM unnest($2, $3) AS named (account_id, hold_id) ORDER BY account_id, hold_id
        ON CONFLICT DO NOTHING
        RETURNING account_id, hold_id
        """;

    private const string Unknown =
        """
        SELECT position
          FROM unnest($1, $2, $3) WITH ORDINALITY AS refused (account_id, source, source_id, position)
         WHERE NOT EXISTS (
               SELECT 1 FROM ledger AS e
                WHERE e.account_id = refused.account_id AND e.source = refused.source COLLATE "C" AND e.source_id = refused.source_id COLLATE "C" AND e.recorded_at >= $4)
        """;

    private const string Release = "DELETE FROM settled_holds AS claimed USING unnest($1, $2) AS named (account_id, hold_id) WHERE claimed.account_id = named.account_id AND claimed.hold_id = named.hold_id";

    private const string Prune = "DELETE FROM settled_holds WHERE ctid = ANY (ARRAY(SELECT ctid FROM settled_holds WHERE recorded_at < $1 LIMIT 20000))";

    /// <summary>Claims the holds that entries name.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction in which the entries are recorded.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="recordedAt">When they are recorded, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The entries whose hold is settled already, or by one before them in the list.</returns>
    public static async Task<IReadOnlyList<LedgerEntry>> ClaimAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<LedgerEntry> entries, DateTimeOffset recordedAt, CancellationToken cancellationToken)
    {
        // A correction names the hold of what it corrects.
        LedgerEntry[] settling = [.. entries.Where(entry => entry is { HoldId: not null, CorrectsEntryId: null })];
        if (settling.Length == 0)
        {
            return [];
        }

        // From an attempt that failed.
        Array.ForEach(settling, entry => entry.IsOfSettledHold = false);

        await using var command = new NpgsqlCommand(Claim, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTimeOffset> { TypedValue = recordedAt },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(settling, entry => entry.AccountId) },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(settling, entry => entry.HoldId!.Value) },
            },
        };
        await command.PrepareAsync(cancellationToken);
        var claimed = new HashSet<(Guid, Guid)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                claimed.Add((reader.GetGuid(0), reader.GetGuid(1)));
            }
        }

        return [.. settling.Where(entry => !claimed.Remove((entry.AccountId, entry.HoldId!.Value)))];
    }

    /// <summary>Marks those of the entries that are no repetitions of an event: another event has settled their hold.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction, in which everything else has been recorded.</param>
    /// <param name="refused">What <see cref="ClaimAsync"/> has answered.</param>
    /// <param name="since">From when on events are recognized, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task MarkAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<LedgerEntry> refused, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Unknown, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. refused.Select(entry => entry.AccountId)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. refused.Select(entry => entry.Source)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. refused.Select(entry => entry.SourceId)] },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = since },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            refused[(int)reader.GetInt64(0) - 1].IsOfSettledHold = true;
            LedgerMetrics.MetSettledHold();
        }
    }

    /// <summary>Gives holds back that entries have claimed which turned out to be recorded already, under another hold or none.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction in which they were claimed.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task ReleaseAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IEnumerable<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        LedgerEntry[] claimed = [.. entries.Where(entry => entry is { HoldId: not null, CorrectsEntryId: null })];
        if (claimed.Length == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(Release, connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(claimed, entry => entry.AccountId) },
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(claimed, entry => entry.HoldId!.Value) },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets holds of events that are not recognized any more.</summary>
    /// <param name="dataSource">Usage's database.</param>
    /// <param name="before">Those recorded before this time, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task ForgetAsync(NpgsqlDataSource dataSource, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Prune);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
        while (await command.ExecuteNonQueryAsync(cancellationToken) > 0)
        {
            // The next part, so that no statement takes long.
        }
    }
}
