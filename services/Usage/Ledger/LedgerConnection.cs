using BotGeneric.Messaging;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;
using Npgsql;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// A writer's own connection, which keeps the temporary table and the prepared statements from batch to batch; a pool would clear both away.
/// </summary>
internal sealed class LedgerConnection(
    NpgsqlDataSource dataSource, LedgerAppend append, LedgerMonths months, IPriceBook prices, TimeProvider timeProvider) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Records reports in one transaction. Each entry is priced and resolved to the account that it belongs to now.</summary>
    /// <param name="reports">The reports.</param>
    /// <param name="cancellationToken">Cancels; nothing is then recorded.</param>
    /// <returns>For each entry of each report whether it is new.</returns>
    public async Task<bool[][]> WriteAsync(IReadOnlyList<LedgerReport> reports, CancellationToken cancellationToken)
    {
        await prices.RefreshIfStaleAsync(cancellationToken);
        try
        {
            while (true)
            {
                var connection = await OpenAsync(cancellationToken);
                if (await TryWriteAsync(connection, reports, cancellationToken) is { } stored)
                {
                    return stored;
                }

                await months.GoOnToAsync(LedgerMonths.MonthOf(timeProvider.GetUtcNow()), cancellationToken);
            }
        }
        catch
        {
            // Whatever state it is in: the next batch begins with a new one.
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task<bool[][]?> TryWriteAsync(NpgsqlConnection connection, IReadOnlyList<LedgerReport> reports, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var lines = await SortAsync(connection, transaction, reports, cancellationToken);
        var entries = Array.ConvertAll(lines, line => line.Entry);
        var flags = await append.AppendAsync(
            connection, transaction, entries, (fresh, recordedAt) => UsageRecordedJson.Write(fresh, recordedAt, reports[0].Trace), cancellationToken);
        if (flags is null)
        {
            return null;
        }

        await transaction.CommitAsync(cancellationToken);
        var stored = new bool[reports.Count][];
        for (var report = 0; report < stored.Length; report++)
        {
            stored[report] = new bool[reports[report].Entries.Count];
        }

        for (var position = 0; position < lines.Length; position++)
        {
            stored[lines[position].Report][lines[position].Index] = flags[position];
        }

        return stored;
    }

    private async Task<Line[]> SortAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<LedgerReport> reports, CancellationToken cancellationToken)
    {
        var lines = new Line[reports.Sum(report => report.Entries.Count)];
        var people = new HashSet<Guid>();
        var position = 0;
        for (var report = 0; report < reports.Count; report++)
        {
            var entries = reports[report].Entries;
            for (var index = 0; index < entries.Count; index++)
            {
                var entry = entries[index];
                lines[position++] = new Line(entry, report, index);
                people.Add(entry.AccountId);
                if (entry.UserId is { } user)
                {
                    people.Add(user);
                }
            }
        }

        // The reporter may not know yet that the account has become part of another one.
        var aliases = await AccountAliases.ResolveAsync(connection, transaction, people, cancellationToken);
        foreach (var (entry, _, _) in lines)
        {
            entry.AccountId = aliases.Of(entry.AccountId);
            entry.UserId = entry.UserId is { } user ? aliases.Of(user) : null;
            Price(entry);
        }

        Array.Sort(lines);
        return lines;
    }

    private void Price(LedgerEntry entry)
    {
        if (entry.Type != LedgerEventTypes.LlmCall || entry.CorrectsEntryId is not null)
        {
            return;
        }

        var pools = new TokenPools(entry.InputTokens, entry.CachedInputTokens, entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens);
        var price = prices.Find(entry.Provider, entry.Model, entry.Time, pools);
        entry.PriceId = price?.PriceId;
        entry.Cost = price?.Cost;
        entry.Currency = price?.Currency;
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            try
            {
                await LedgerAppend.PrepareAsync(connection, cancellationToken);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }

            _connection = connection;
        }

        return _connection;
    }

    /// <summary>An entry and where it came from. Of equal events the one that came first is recorded.</summary>
    private readonly record struct Line(LedgerEntry Entry, int Report, int Index) : IComparable<Line>
    {
        public int CompareTo(Line other)
        {
            var order = EventOrder.Instance.Compare(Entry, other.Entry);
            if (order != 0)
            {
                return order;
            }

            return Report != other.Report ? Report.CompareTo(other.Report) : Index.CompareTo(other.Index);
        }
    }
}
