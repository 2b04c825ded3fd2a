using System.Text.Json.Serialization;
using BotGeneric.Policy.Decisions;

namespace BotGeneric.Policy.Api;

/// <summary>Asks whether a call may be made, and holds what it needs.</summary>
public sealed record AuthorizeRequest
{
    /// <summary>
    /// The account: an organization or a person. The caller's own by default; services and those who run the system name it.
    /// </summary>
    public Guid? Subject { get; init; }

    /// <summary>The person in whose name a service asks; the caller by default.</summary>
    public Guid? User { get; init; }

    /// <summary>The id of the API key for which a service asks; the caller's by default.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What the call is for, such as <c>chat</c>: 1 to 100 characters.</summary>
    public required string Feature { get; init; }

    /// <summary>The model, when known.</summary>
    public string? Model { get; init; }

    /// <summary>The door, such as <c>web</c>, <c>telegram</c> or <c>api</c>.</summary>
    public string? Channel { get; init; }

    /// <summary>
    /// What the call will need; one request by default. Of tokens and money that a limit counts and that are not named something is assumed. With nothing but zeros nothing is held: the answer says where
    /// the caller stands.
    /// </summary>
    public Estimate? Estimate { get; init; }

    /// <summary>
    /// What is enough: then less than the estimate may be granted rather than the call be refused. By default nothing less than the estimate is.
    /// </summary>
    public Estimate? Minimum { get; init; }

    /// <summary>How long the hold lasts, in seconds; 120 by default.</summary>
    public int? TtlSeconds { get; init; }
}

/// <summary>Amounts by unit.</summary>
public sealed record Estimate
{
    /// <summary>Calls of a model; 1 by default in an estimate.</summary>
    public long? Requests { get; init; }

    /// <summary>Tokens sent to the model, of all kinds together.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens that the model produces, reasoning included.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Money.</summary>
    public MoneyAmount? Cost { get; init; }

    /// <summary>Whole units of meters that the operator has defined, by the meter's code.</summary>
    public IReadOnlyDictionary<string, long>? Meters { get; init; }
}

/// <summary>Money.</summary>
/// <param name="Amount">Decimal text with at most nine digits after the point, such as <c>"0.0125"</c>.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record MoneyAmount(string Amount, string Currency);

/// <summary>The decision.</summary>
public sealed record DecisionAnswer
{
    /// <summary><c>allow</c> or <c>deny</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>The hold to commit or to release; null when nothing is held.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>When the hold ends, UTC.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What may be used; null when refused.</summary>
    public GrantedAmounts? Granted { get; init; }

    /// <summary>Why not; null when allowed.</summary>
    public DecisionReason? Reason { get; init; }

    /// <summary>Every limit that applies, and where it stands after this decision.</summary>
    public required IReadOnlyList<LimitStanding> Limits { get; init; }

    /// <summary>True while the counters cannot be reached and each limit's failure mode decides.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Degraded { get; init; }
}

/// <summary>Granted amounts.</summary>
public sealed record GrantedAmounts
{
    /// <summary>Calls of a model.</summary>
    public long? Requests { get; init; }

    /// <summary>Tokens sent to the model.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens that the model may produce: write it into the provider's maximum.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Money.</summary>
    public MoneyAmount? Cost { get; init; }

    /// <summary>Units of meters that the operator has defined.</summary>
    public IReadOnlyDictionary<string, long>? Meters { get; init; }
}

/// <summary>Why a call is refused.</summary>
/// <param name="Code">A stable code such as <c>quota_exhausted</c>.</param>
/// <param name="Message">Sentences for a person, by language: <c>en</c>, <c>ru</c>, <c>uk</c>.</param>
/// <param name="ResetsAt">
/// When it is possible again, UTC, also the end of a ban; of <c>held_by_calls</c> when the last of the calls in the way ends, unless it is prolonged. Null where waiting does not help, as with
/// <c>request_too_large</c>, or where it depends on calls that run.
/// </param>
/// <param name="Upgrade">Where plans are compared, when a limit refuses that comes with the plan; where one pays, when a payment is missing; else null: nothing that can be bought helps.</param>
/// <param name="Limit">Code of the limit, or of the policy whose access rule refuses.</param>
public sealed record DecisionReason(
    string Code, IReadOnlyDictionary<string, string> Message, DateTimeOffset? ResetsAt, string? Upgrade, string? Limit);

/// <summary>Where one limit stands. Money is decimal text, everything else a whole number.</summary>
public sealed record LimitStanding
{
    /// <summary>The limit's code.</summary>
    public required string Code { get; init; }

    /// <summary>The policy's code.</summary>
    public required string Policy { get; init; }

    /// <summary><c>platform</c>, <c>plan</c>, <c>organization</c>, <c>user</c> or <c>apiKey</c>.</summary>
    public required string Scope { get; init; }

    /// <summary><c>rate</c>, <c>quota</c>, <c>budget</c> or <c>concurrency</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The meter's code, the currency of a budget, or <c>calls</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>What is allowed in the window.</summary>
    public required Quantity Limit { get; init; }

    /// <summary>What is used in the window; null when the counters could not be reached.</summary>
    public required Quantity? Used { get; init; }

    /// <summary>What calls that run have reserved; null when the counters could not be reached.</summary>
    public required Quantity? Held { get; init; }

    /// <summary>What is left; never negative. Credits are not counted in. Null when the counters could not be reached.</summary>
    public required Quantity? Remaining { get; init; }

    /// <summary>When the window begins anew, or when there is room again; null where that depends on calls that run or there is room.</summary>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>True for a limit that is watched and not enforced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Shadow { get; init; }

    /// <summary>True for the limits that have no room for the call, shadowed ones too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Exceeded { get; init; }
}

/// <summary>Several questions at once; each is decided by itself.</summary>
/// <param name="Items">1 to 100 questions.</param>
public sealed record AuthorizeBatchRequest(IReadOnlyList<AuthorizeRequest> Items);

/// <summary>The decisions, in the order of the questions.</summary>
/// <param name="Items">The decisions.</param>
public sealed record AuthorizeBatchAnswer(IReadOnlyList<AuthorizeBatchItem> Items);

/// <summary>What became of one question.</summary>
/// <param name="Decision">The decision; null when the question is invalid.</param>
/// <param name="Error">What is wrong with the question; null when it was decided.</param>
public sealed record AuthorizeBatchItem(DecisionAnswer? Decision, string? Error);

/// <summary>Lets a hold last longer, and enlarges it.</summary>
public sealed record ExtendRequest
{
    /// <summary>The account whose hold it is; the caller's own by default.</summary>
    public Guid? Subject { get; init; }

    /// <summary>What is needed in addition; nothing by default.</summary>
    public Estimate? Estimate { get; init; }

    /// <summary>What is enough in addition.</summary>
    public Estimate? Minimum { get; init; }

    /// <summary>How long the hold lasts from now on, in seconds; 120 by default.</summary>
    public int? TtlSeconds { get; init; }
}

/// <summary>Says what was consumed.</summary>
public sealed record CommitRequest
{
    /// <summary>The account whose hold it is; the caller's own by default.</summary>
    public Guid? Subject { get; init; }

    /// <summary>
    /// What was consumed from the beginning of the call. What is not named is as granted in a final commit, or nothing where the call did not name it either; a zero that is named is a zero.
    /// </summary>
    public Estimate? Actual { get; init; }

    /// <summary>The id of the usage event. A repetition with the same id and numbers is answered as the first time, with others it is refused (409).</summary>
    public string? EventId { get; init; }

    /// <summary>Whether the call is over, true by default. Otherwise the rest stays held, and the next commit names the whole again.</summary>
    public bool? Final { get; init; }

    /// <summary>With a commit that is not final: how long the rest stays held from now on, in seconds.</summary>
    public int? TtlSeconds { get; init; }
}

/// <summary>Gives a hold back.</summary>
public sealed record ReleaseRequest
{
    /// <summary>The account whose hold it is; the caller's own by default.</summary>
    public Guid? Subject { get; init; }
}

/// <summary>A hold.</summary>
public sealed record HoldAnswer
{
    /// <summary>The hold.</summary>
    public required Guid HoldId { get; init; }

    /// <summary><c>held</c>, <c>committed</c>, <c>released</c>, <c>expired</c>, or <c>recorded</c> when the usage ledger was first.</summary>
    public required string State { get; init; }

    /// <summary>When it ends or ended, UTC.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether the usage ledger has the call.</summary>
    public required bool InLedger { get; init; }

    /// <summary>Whether it was so before this request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Repeated { get; init; }

    /// <summary>What was granted and consumed.</summary>
    public required IReadOnlyList<HoldAmount> Amounts { get; init; }
}

/// <summary>An amount of a hold.</summary>
/// <param name="Unit">The meter's code or the currency.</param>
/// <param name="Granted">What was granted.</param>
/// <param name="Consumed">What was committed so far.</param>
public sealed record HoldAmount(string Unit, Quantity Granted, Quantity Consumed);

/// <summary>JSON of the paths that are walked most, made at build time.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(AuthorizeRequest))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(ExtendRequest))]
[JsonSerializable(typeof(CommitRequest))]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(HoldAnswer))]
internal sealed partial class DecisionJson : JsonSerializerContext;
