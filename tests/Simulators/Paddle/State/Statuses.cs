namespace BotGeneric.Simulators.Paddle.State;

/// <summary>The statuses of Paddle's entities.</summary>
internal static class Statuses
{
    public const string Active = "active";
    public const string Archived = "archived";
    public const string Trialing = "trialing";
    public const string PastDue = "past_due";
    public const string Paused = "paused";
    public const string Canceled = "canceled";
    public const string Draft = "draft";
    public const string Ready = "ready";
    public const string Billed = "billed";
    public const string Paid = "paid";
    public const string Completed = "completed";
    public const string PendingApproval = "pending_approval";
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Reversed = "reversed";
}
