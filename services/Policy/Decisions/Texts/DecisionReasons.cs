namespace BotGeneric.Policy.Decisions.Texts;

/// <summary>The reasons for which a call is refused, as clients read them. Stable.</summary>
public static class DecisionReasons
{
    /// <summary>Those who run the system have blocked the account or the person.</summary>
    public const string AccountBanned = "account_banned";

    /// <summary>A payment is missing for longer than the grace that is given.</summary>
    public const string AccountPastDue = "account_past_due";

    /// <summary>The account is deleted.</summary>
    public const string AccountDeleted = "account_deleted";

    /// <summary>The feature, the model or the channel is not open to the caller.</summary>
    public const string AccessDenied = "access_denied";

    /// <summary>A rate is reached.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>A quota is used up.</summary>
    public const string QuotaExhausted = "quota_exhausted";

    /// <summary>A budget is used up.</summary>
    public const string BudgetExhausted = "budget_exhausted";

    /// <summary>Too many calls run at the same time.</summary>
    public const string TooManyAtOnce = "too_many_at_once";

    /// <summary>The counters cannot be reached, and the limit says that nothing passes then.</summary>
    public const string LimitsUnavailable = "limits_unavailable";

    /// <summary>A limit of the platform as a whole is reached.</summary>
    public const string PlatformBusy = "platform_busy";

    /// <summary>As many calls of the account are held as one account may hold, whatever its limits allow.</summary>
    public const string TooManyHolds = "too_many_holds";

    /// <summary>The call needs more than the whole limit: it passes at no time. A smaller one may, or a larger limit.</summary>
    public const string RequestTooLarge = "request_too_large";

    /// <summary>What is left of a quota or a budget is held by calls that run.</summary>
    public const string HeldByCalls = "held_by_calls";

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        AccountBanned, AccountPastDue, AccountDeleted, AccessDenied, RateLimited, QuotaExhausted, BudgetExhausted, TooManyAtOnce, LimitsUnavailable, PlatformBusy,
        TooManyHolds, RequestTooLarge, HeldByCalls,
    ];
}
