namespace BotGeneric.Billing.Domain;

/// <summary>What started a comparison with the provider.</summary>
public enum ReconciliationTrigger
{
    /// <summary>The time of night.</summary>
    Nightly,

    /// <summary>An admin.</summary>
    Admin,

    /// <summary>The service was away for long.</summary>
    Downtime,

    /// <summary>There was none yet.</summary>
    First,
}

/// <summary>How a comparison stands.</summary>
public enum ReconciliationStatus
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>Everything was compared.</summary>
    Completed,

    /// <summary>It could not be finished; the next one begins where this one did.</summary>
    Failed,
}

/// <summary>One comparison of our mirror with the provider.</summary>
public sealed class ReconciliationRun
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>What started it.</summary>
    public required ReconciliationTrigger Trigger { get; init; }

    /// <summary>What was changed at the provider since then was compared, UTC; null: everything.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>How it stands.</summary>
    public ReconciliationStatus Status { get; set; }

    /// <summary>How far it has come, for whoever takes it up after a process has ended in the middle of it: the stage, and the last thing of it.</summary>
    public string? Position { get; set; }

    /// <summary>How many things were compared; those of the last moments before an interruption are counted twice.</summary>
    public int Compared { get; set; }

    /// <summary>How many differed.</summary>
    public int Differences { get; set; }

    /// <summary>How many of those are as at the provider now.</summary>
    public int Healed { get; set; }

    /// <summary>Why it could not be finished.</summary>
    public string? Error { get; set; }
}

/// <summary>Something that was not here as it is at the provider.</summary>
public sealed class ReconciliationDifference
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The comparison that found it.</summary>
    public required Guid RunId { get; init; }

    /// <summary><c>subscription</c>, <c>transaction</c>, <c>adjustment</c>, <c>customer</c>, <c>product</c> or <c>price</c>.</summary>
    public required string Entity { get; init; }

    /// <summary>Its id at the provider.</summary>
    public required string PaddleId { get; init; }

    /// <summary>What differs, such as <c>status</c>; <c>missing</c> when it was not here at all.</summary>
    public required string Field { get; init; }

    /// <summary>What was here.</summary>
    public string? Ours { get; init; }

    /// <summary>What is there.</summary>
    public string? Theirs { get; init; }

    /// <summary>Whether it is as at the provider now.</summary>
    public bool IsHealed { get; set; }

    /// <summary>When it was found, UTC.</summary>
    public required DateTimeOffset FoundAt { get; init; }
}

/// <summary>A product or price of the provider's catalogue, as it last said.</summary>
public sealed class CatalogueEntry
{
    /// <summary>Paddle's id, <c>pro_…</c> or <c>pri_…</c>.</summary>
    public required string PaddleId { get; init; }

    /// <summary>The product that a price is of; null for a product.</summary>
    public string? ProductId { get; set; }

    /// <summary>What the provider calls it.</summary>
    public string? Name { get; set; }

    /// <summary>The provider's word: <c>active</c> or <c>archived</c>.</summary>
    public required string Status { get; set; }

    /// <summary>The whole entity as JSON.</summary>
    public required string Data { get; set; }

    /// <summary>The provider's time of the last event that was applied, UTC.</summary>
    public required DateTimeOffset LastEventAt { get; set; }
}

/// <summary>Who did what about money, when and why. Written once; what was said may be forgotten with the person it was said of.</summary>
public sealed class BillingAuditEntry
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: the subject of the token.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, such as <c>subscription.comped</c>, <c>transaction.refunded</c> or <c>plan.revised</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: an id or a code.</summary>
    public required string Target { get; init; }

    /// <summary>The account that it is about, if it is about one.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>Why; null when nothing was said, or it is forgotten.</summary>
    public string? Reason { get; set; }

    /// <summary>What was asked, as JSON without personal data.</summary>
    public string? Details { get; set; }
}
