using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Usage.Rollups;

/// <summary>Keys under <c>Usage:Rollups</c>.</summary>
public sealed class RollupOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Usage:Rollups";

    /// <summary>Pause between two looks for batches to fold. Default 1 s. It changes what an answer costs, not the answer.</summary>
    [DurationRange("00:00:00.010", "01:00:00", ErrorMessage = "Usage:Rollups:Interval must be between 10 ms and 1 hour.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Months for which the entries themselves are kept; older partitions are dropped, their rollups stay. Default 25. An event that is older than
    /// what is kept cannot be looked at any more, but is still in every sum.
    /// </summary>
    [Range(2, 1200, ErrorMessage = "Usage:Rollups:RetentionMonths must be from 2 to 1200: a month that the dedupe window may touch is never dropped.")]
    public int RetentionMonths { get; set; } = 25;

    /// <summary>Pause between two looks for partitions to drop. Default 6 hours.</summary>
    [DurationRange("00:00:00.010", "1.00:00:00", ErrorMessage = "Usage:Rollups:RetentionInterval must be between 10 ms and 1 day.")]
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Pause between two checks of invariants, and between two tellings of totals to those who keep sums of the ledger. Default 1 minute.</summary>
    [DurationRange("00:00:00.010", "1.00:00:00", ErrorMessage = "Usage:Rollups:InvariantInterval must be between 10 ms and 1 day.")]
    public TimeSpan InvariantInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Accounts looked at in one check and told of at once; the next one goes on where it ended. Default 50.</summary>
    [Range(1, 10_000, ErrorMessage = "Usage:Rollups:InvariantAccounts must be from 1 to 10,000.")]
    public int InvariantAccounts { get; set; } = 50;

    /// <summary>
    /// Entries of the ledger that one check reads at most, beside those of a single quarter of an hour of one account that has more; the next one goes on where it ended. Default
    /// 200,000. So a check costs the same however large the ledger is.
    /// </summary>
    [Range(100, 100_000_000, ErrorMessage = "Usage:Rollups:InvariantEntries must be from 100 to 100,000,000.")]
    public int InvariantEntries { get; set; } = 200_000;

    /// <summary>How long one statement of a check may take. What takes longer is left out, counted and said. Default 30 s.</summary>
    [DurationRange("00:00:01", "01:00:00", ErrorMessage = "Usage:Rollups:InvariantTimeout must be between 1 second and 1 hour.")]
    public TimeSpan InvariantTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
