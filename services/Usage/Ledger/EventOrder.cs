using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// The order in which entries are inserted: always the same, so that two writers with the same events wait for each other instead of deadlocking.
/// </summary>
internal sealed class EventOrder : IComparer<LedgerEntry>
{
    public static EventOrder Instance { get; } = new();

    public int Compare(LedgerEntry? x, LedgerEntry? y)
    {
        var account = x!.AccountId.CompareTo(y!.AccountId);
        if (account != 0)
        {
            return account;
        }

        var source = string.CompareOrdinal(x.Source, y.Source);
        return source != 0 ? source : string.CompareOrdinal(x.SourceId, y.SourceId);
    }
}
