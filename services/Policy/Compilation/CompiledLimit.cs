using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace BotGeneric.Policy.Compilation;

/// <summary>Whose consumption a limit counts.</summary>
public enum LimitScope
{
    /// <summary>Everybody's together. Counted in a slot of its own in Redis.</summary>
    Platform,

    /// <summary>An account's, because of a plan that it has.</summary>
    Plan,

    /// <summary>An account's, because of the organization that it is.</summary>
    Organization,

    /// <summary>One person's within the account.</summary>
    User,

    /// <summary>One API key's.</summary>
    ApiKey,
}

/// <summary>How a limit counts.</summary>
public enum LimitKind
{
    /// <summary>Units in a sliding window.</summary>
    Rate,

    /// <summary>Units in a calendar window or a billing period.</summary>
    Quota,

    /// <summary>Money in a calendar window or a billing period.</summary>
    Budget,

    /// <summary>Calls that run at the same time.</summary>
    Concurrency,
}

/// <summary>The windows of a limit.</summary>
public enum LimitWindowKind
{
    /// <summary>None: what runs now.</summary>
    None,

    /// <summary>The last so many seconds, at any moment.</summary>
    Sliding,

    /// <summary>Midnight to midnight, UTC.</summary>
    Day,

    /// <summary>The first of a month to the first of the next, UTC.</summary>
    Month,

    /// <summary>The period that the account has paid for; a calendar month while there is none.</summary>
    BillingPeriod,
}

/// <summary>What a limit says while its counters cannot be reached.</summary>
public enum FailureMode
{
    /// <summary>Refuses.</summary>
    Deny,

    /// <summary>Lets pass.</summary>
    Allow,

    /// <summary>Lets a number of units pass in each process for each account and outage, then refuses.</summary>
    AllowThenDeny,
}

/// <summary>
/// One limit as it applies to one caller, ready to be decided: nothing in it is looked up, parsed or built again. Immutable. What it counts is told apart by
/// <see cref="Counter"/>, which does not depend on how much is allowed: a change of plan keeps what was used.
/// </summary>
public sealed class CompiledLimit
{
    /// <summary>Largest maximum and largest amount, in units of <see cref="Unit"/> or of 10⁻⁹ of a currency: sums of two stay whole numbers in Redis.</summary>
    public const long LargestAmount = 4_000_000_000_000_000;

    /// <summary>Stable name of the limit, such as <c>plan:llm.requests:day</c> or <c>free-chat/burst</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Code of the policy it stands in; <c>plan</c> for a plan's entitlement, <c>override</c> where only an override makes it.</summary>
    public required string Policy { get; init; }

    /// <summary>Whose consumption it counts.</summary>
    public required LimitScope Scope { get; init; }

    /// <summary>How it counts.</summary>
    public required LimitKind Kind { get; init; }

    /// <summary>The meter's code; the ISO 4217 code of a budget; <c>calls</c> for concurrency.</summary>
    public required string Unit { get; init; }

    /// <summary>Units allowed, or 10⁻⁹ of the currency; 0 to <see cref="LargestAmount"/>.</summary>
    public required long Maximum { get; init; }

    /// <summary>When it begins anew.</summary>
    public required LimitWindowKind Window { get; init; }

    /// <summary>Length of a sliding window, 1 second to 1 day; zero otherwise.</summary>
    public TimeSpan Length { get; init; }

    /// <summary>The features it counts.</summary>
    public Pattern Feature { get; init; } = Pattern.Everything;

    /// <summary>The models it counts.</summary>
    public Pattern Model { get; init; } = Pattern.Everything;

    /// <summary>The channels it counts.</summary>
    public Pattern Channel { get; init; } = Pattern.Everything;

    /// <summary>Evaluated and reported, never enforced.</summary>
    public bool IsShadow { get; init; }

    /// <summary>Not before this time, UTC; null: always.</summary>
    public DateTimeOffset? EffectiveFrom { get; init; }

    /// <summary>Not from this time on, UTC; null: for good.</summary>
    public DateTimeOffset? EffectiveTo { get; init; }

    /// <summary>What it says while its counters cannot be reached.</summary>
    public FailureMode OnFailure { get; init; }

    /// <summary>Units let pass under <see cref="FailureMode.AllowThenDeny"/>.</summary>
    public long AllowWhileDown { get; init; }

    /// <summary>Whether one-off credits of the account extend it: quotas and budgets of the whole account.</summary>
    public bool IsExtendedByGrants => Kind is LimitKind.Quota or LimitKind.Budget && Scope is LimitScope.Plan or LimitScope.Organization;

    /// <summary>Whose counter it is: <c>a</c> the account's, <c>u</c> and the person's id, <c>k</c> and the key's id.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// Name of the counter: the same for every limit that counts the same things of the same target in windows of the same kind. Sixteen hexadecimal digits;
    /// among the few counters of one account an accident is out of the question.
    /// </summary>
    public string Counter => field ??= NameCounter();

    /// <summary>Whether it is about a call.</summary>
    /// <param name="feature">The feature asked for.</param>
    /// <param name="model">The model, when known.</param>
    /// <param name="channel">The channel, when known.</param>
    /// <param name="at">Now.</param>
    public bool AppliesTo(string feature, string? model, string? channel, DateTimeOffset at) =>
        Feature.Matches(feature) && Model.Matches(model) && Channel.Matches(channel)
        && (EffectiveFrom is null || at >= EffectiveFrom) && (EffectiveTo is null || at < EffectiveTo);

    private string NameCounter()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Target}|{Kind}|{Unit}|{Feature}|{Model}|{Channel}|{Window}|{Length.Ticks}");
        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString("x16", CultureInfo.InvariantCulture);
    }
}
