namespace BotGeneric.Usage.Domain;

/// <summary>
/// One commit of the ledger. Whoever adds the ledger up keeps the sums of whole batches, so the sums and the entries of the batches that are not yet in them
/// give the exact answer at any time.
/// </summary>
public sealed class LedgerBatch
{
    /// <summary>Names the batch; <see cref="LedgerEntry.BatchId"/>. Batches do not become visible in this order.</summary>
    public long Id { get; init; }

    /// <summary>When it was recorded, UTC: the same moment as that of its entries.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>How many entries it has.</summary>
    public required int Entries { get; init; }

    /// <summary>When it was added to the sums, UTC; null as long as it was not.</summary>
    public DateTimeOffset? RolledUpAt { get; init; }
}
