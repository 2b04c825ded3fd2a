using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>Keys under <c>Billing:Reconciliation</c>.</summary>
public sealed class ReconciliationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Billing:Reconciliation";

    /// <summary>Whether there is a comparison every night and after a long absence. An admin can start one in any case.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>When it begins, UTC.</summary>
    public TimeOnly At { get; set; } = new(3, 0);

    /// <summary>How much of the time before the last comparison is looked at again: clocks differ, and what is changed while a list is read may be missed by it.</summary>
    [DurationRange("00:00:00", "7.00:00:00", ErrorMessage = "Billing:Reconciliation:Overlap must be between 0 and 7 days.")]
    public TimeSpan Overlap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// After how long without a delivery and without a comparison the service compares as soon as it starts. Paddle gives up a delivery after three days.
    /// </summary>
    [DurationRange("01:00:00", "30.00:00:00", ErrorMessage = "Billing:Reconciliation:DowntimeAfter must be between 1 hour and 30 days.")]
    public TimeSpan DowntimeAfter { get; set; } = TimeSpan.FromDays(3);
}
