namespace BotGeneric.Usage.Queries;

/// <summary>What is asked about usage.</summary>
/// <param name="From">The first moment, on a quarter of an hour.</param>
/// <param name="To">The first moment after, on a quarter of an hour.</param>
/// <param name="Account">The account; the caller's own by default.</param>
/// <param name="Meter">A meter instead of calls: <c>llm.requests</c>, <c>llm.input_tokens</c>, <c>llm.output_tokens</c>, or the code of one of the operator's.</param>
/// <param name="Measures">
/// Of calls: <c>requests</c>, <c>inputTokens</c>, <c>cachedInputTokens</c>, <c>cacheWriteTokens</c>, <c>outputTokens</c>, <c>reasoningTokens</c>, <c>totalTokens</c>, <c>cost</c>. All by default.
/// </param>
/// <param name="Granularity"><c>PT15M</c>, <c>PT1H</c>, <c>P1D</c>, <c>P1M</c>, or <c>none</c>, which is the default.</param>
/// <param name="TimeZone">The IANA name of the zone whose days and months are meant, such as <c>Europe/Kyiv</c>; UTC by default.</param>
/// <param name="GroupBy">
/// Of calls: <c>feature</c>, <c>model</c>, <c>provider</c>, <c>channel</c>, <c>user</c>, <c>apiKey</c>; of the operator's meter: its dimensions.
/// </param>
/// <param name="Filters">Only what has one of the values, by dimension.</param>
/// <param name="BillingAnchor">A day whose number is that on which months begin, such as the day of a subscription; the first by default.</param>
public sealed record UsageQueryRequest(
    DateTimeOffset From,
    DateTimeOffset To,
    Guid? Account = null,
    string? Meter = null,
    IReadOnlyList<string>? Measures = null,
    string? Granularity = null,
    string? TimeZone = null,
    IReadOnlyList<string>? GroupBy = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Filters = null,
    DateOnly? BillingAnchor = null);

/// <summary>What was used.</summary>
/// <param name="From">The first moment, UTC.</param>
/// <param name="To">The first moment after, UTC.</param>
/// <param name="Granularity">As asked.</param>
/// <param name="TimeZone">The zone whose days and months the periods are.</param>
/// <param name="Data">The periods and groups in which there was anything, in order of time.</param>
public sealed record UsageQueryResult(DateTimeOffset From, DateTimeOffset To, string Granularity, string TimeZone, IReadOnlyList<UsageQueryCell> Data);

/// <summary>A period and group.</summary>
/// <param name="From">The first moment of the period, UTC.</param>
/// <param name="To">The first moment after, UTC.</param>
/// <param name="Group">The values of the dimensions that were grouped by; null for calls that have none.</param>
/// <param name="Values">The measures, or the meter's value, as decimal texts by name.</param>
/// <param name="Cost">The cost in each currency; null when it was not asked for, and while the price of any of the calls is unknown.</param>
/// <param name="PricedCost">The cost of those calls whose price is known; null when it was not asked for.</param>
/// <param name="UnpricedCalls">Calls whose price is unknown; null when the cost was not asked for.</param>
public sealed record UsageQueryCell(
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyDictionary<string, string?> Group,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyList<Money>? Cost,
    IReadOnlyList<Money>? PricedCost,
    long? UnpricedCalls);
