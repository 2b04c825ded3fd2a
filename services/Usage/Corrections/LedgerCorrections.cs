using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BotGeneric.Messaging;
using BotGeneric.Usage.Api;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using BotGeneric.Usage.Rollups;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Usage.Corrections;

/// <summary>What became of a correction.</summary>
internal abstract record CorrectionOutcome
{
    /// <summary>It stands in the ledger, now or since an earlier request with the same key.</summary>
    internal sealed record Corrected(LedgerEntry Entry) : CorrectionOutcome;

    /// <summary>It cannot be.</summary>
    internal sealed record Refused(string Reason) : CorrectionOutcome;

    /// <summary>There is no entry to correct.</summary>
    internal sealed record NoEntry : CorrectionOutcome;
}

/// <summary>Corrects entries by rows of their own. Corrections of one entry wait for each other, so that none is based on a sum that is not true any more.</summary>
internal sealed class LedgerCorrections(UsageDbContext db, LedgerAppend append, LedgerMonths months, MeterCorrections meters, TimeProvider timeProvider)
{
    /// <summary>The source of corrections.</summary>
    public const string Source = "urn:bot-generic:corrections";

    /// <summary>The class of the locks that corrections of an entry hold: "corr" in ASCII.</summary>
    public const int LockClass = 1668248178;

    /// <summary>Corrects an entry.</summary>
    /// <param name="correction">The differences, each within its bounds.</param>
    /// <param name="author">Whose key it is.</param>
    /// <param name="key">The request's <c>Idempotency-Key</c>, if sent.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CorrectionOutcome> CorrectAsync(NewCorrection correction, string author, string? key, CancellationToken cancellationToken)
    {
        var sourceId = key is null
            ? Guid.CreateVersion7(timeProvider.GetUtcNow()).ToString()
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{author}\n{key}\n{correction.EntryId}")));
        await db.Database.OpenConnectionAsync(cancellationToken);
        await LedgerAppend.PrepareAsync((NpgsqlConnection)db.Database.GetDbConnection(), cancellationToken);
        while (true)
        {
            await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
            {
                if (await TryCorrectAsync((NpgsqlTransaction)transaction.GetDbTransaction(), correction, sourceId, cancellationToken) is { } outcome)
                {
                    await transaction.CommitAsync(cancellationToken);
                    return outcome;
                }
            }

            await months.GoOnToAsync(LedgerMonths.MonthOf(timeProvider.GetUtcNow()), cancellationToken);
        }
    }

    // Null when the month has to go on first.
    private async Task<CorrectionOutcome?> TryCorrectAsync(
        NpgsqlTransaction transaction, NewCorrection correction, string sourceId, CancellationToken cancellationToken)
    {
        if (await FindAsync(correction.EntryId, cancellationToken) is not { } asked)
        {
            return new CorrectionOutcome.NoEntry();
        }

        // Whose it is now can change until this is asked.
        await AccountAliases.ResolveAsync(db, asked.UserId is { } user ? [asked.AccountId, user] : [asked.AccountId], cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockClass}, hashtext({correction.EntryId.ToString()}))", cancellationToken);
        if (await FindAsync(correction.EntryId, cancellationToken) is not { } entry)
        {
            return new CorrectionOutcome.NoEntry();
        }

        if (entry.CorrectsEntryId is not null)
        {
            return new CorrectionOutcome.Refused("This entry is itself a correction. Correct the entry that it corrects.");
        }

        var earlier = await db.Ledger.AsNoTracking().Where(row => row.CorrectsEntryId == entry.Id).ToListAsync(cancellationToken);
        if (earlier.Find(row => row.Source == Source && row.SourceId == sourceId) is { } same)
        {
            return new CorrectionOutcome.Corrected(same);
        }

        if (RefuseKind(entry, correction) is { } kind)
        {
            return new CorrectionOutcome.Refused(kind);
        }

        var row = Row(entry, correction, sourceId, timeProvider.GetUtcNow());
        var takesBack = false;
        if (correction.Meters is { Count: > 0 } differences)
        {
            var measured = await meters.WorkOutAsync(entry, earlier, differences, cancellationToken);
            if (measured.Refusal is { } refusal)
            {
                return new CorrectionOutcome.Refused(refusal);
            }

            row = row with { Data = entry.Data, MeterDifferences = measured.Json, MeterQuantities = measured.Quantities };
            takesBack = measured.TakesBack;
        }
        else if (Refuse([entry, .. earlier, row]) is { } reason)
        {
            return new CorrectionOutcome.Refused(reason);
        }
        else if (row.Cost is not null && entry.Cost is null && earlier.TrueForAll(before => before.Cost is null))
        {
            row = row with { GivesCost = true };
        }

        return await RecordAsync(transaction, row, takesBack, cancellationToken) ? new CorrectionOutcome.Corrected(row) : null;
    }

    // False when the month has to go on first.
    private async Task<bool> RecordAsync(NpgsqlTransaction transaction, LedgerEntry row, bool takesBack, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var stored = await append.AppendAsync(
            connection,
            transaction,
            [row],
            (fresh, recordedAt) => UsageRecordedJson.Write(fresh, recordedAt, Activity.Current?.Context ?? default),
            cancellationToken);
        if (stored is not null && takesBack)
        {
            // The largest, the latest or one of the different values may be another one now: that is found out in the same commit, so no answer is ever in between.
            await connection.ExecuteAsync(transaction, RollupLock.Take, cancellationToken);
            await RollupRebuild.RunMetersAsync(connection, transaction, row.AccountId, row.Time, cancellationToken);
        }

        return stored is not null;
    }

    private Task<LedgerEntry?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.Ledger.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    private static string? RefuseKind(LedgerEntry entry, NewCorrection correction) => (entry.Type == LedgerEventTypes.LlmCall, correction) switch
    {
        (true, { Meters.Count: > 0 }) => $"This entry is of the type {LedgerEventTypes.LlmCall}, which is measured without a meter. Send differences of requests, tokens or cost.",
        (false, { HasCallDifferences: true }) =>
            $"This entry is of the type {entry.Type}. Only entries of the type {LedgerEventTypes.LlmCall} have requests, tokens and a cost that could be corrected. Send differences of meters.",
        _ => null,
    };

    private static string? Refuse(IReadOnlyList<LedgerEntry> rows)
    {
        if (rows.Select(row => row.Currency).OfType<string>().Distinct().Count() > 1)
        {
            return $"The entry's cost is in {rows.Select(row => row.Currency).OfType<string>().First()}. Send the difference in the same currency.";
        }

        (string Name, decimal Sum)[] sums =
        [
            ("requests", rows.Sum(row => row.Requests)),
            ("inputTokens", rows.Sum(row => row.InputTokens)),
            ("cachedInputTokens", rows.Sum(row => row.CachedInputTokens)),
            ("cacheWriteTokens", rows.Sum(row => row.CacheWriteTokens)),
            ("outputTokens", rows.Sum(row => row.OutputTokens)),
            ("reasoningTokens", rows.Sum(row => row.ReasoningTokens)),
            ("cost", rows.Sum(row => row.Cost ?? 0)),
        ];
        var negative = Array.FindIndex(sums, sum => sum.Sum < 0);
        return negative < 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{sums[negative].Name} of the entry and its corrections would be {sums[negative].Sum}. It cannot be less than 0.");
    }

    // Of the time and everything else of what it corrects, so that it comes off where that was added.
    private static LedgerEntry Row(LedgerEntry entry, NewCorrection correction, string sourceId, DateTimeOffset now) => entry with
    {
        Id = Guid.CreateVersion7(now),
        Source = Source,
        SourceId = sourceId,
        Requests = correction.Requests,
        InputTokens = correction.InputTokens,
        CachedInputTokens = correction.CachedInputTokens,
        CacheWriteTokens = correction.CacheWriteTokens,
        OutputTokens = correction.OutputTokens,
        ReasoningTokens = correction.ReasoningTokens,
        Cost = correction.Cost?.Value,
        Currency = correction.Cost?.Currency,
        PriceId = null,
        Data = null,
        MeterQuantities = null,
        CorrectsEntryId = entry.Id,
        GivesCost = null,
        Reason = correction.Reason,
    };
}
