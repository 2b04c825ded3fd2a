using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Queries;

/// <summary>A query that can be answered.</summary>
/// <param name="Cells">What is added up.</param>
/// <param name="Granularity">As asked.</param>
/// <param name="Zone">The zone.</param>
/// <param name="Measures">Names of <see cref="UsageQueryPlan.MeasureNames"/>; empty for the operator's meter.</param>
/// <param name="BuiltIn">The meter of ours, if it was asked for by its name.</param>
/// <param name="Meter">The operator's meter.</param>
internal sealed record UsageQueryPlan(
    CellQuery Cells, string Granularity, TimeZoneInfo Zone, IReadOnlyList<string> Measures, string? BuiltIn, Meter? Meter)
{
    public const string Cost = "cost";

    private const int MaximumFilterValues = 100;

    /// <summary>The measures of calls.</summary>
    public static IReadOnlyDictionary<string, Func<UsageTotals, long>> MeasureNames { get; } = new Dictionary<string, Func<UsageTotals, long>>(StringComparer.Ordinal)
    {
        ["requests"] = totals => totals.Requests,
        ["inputTokens"] = totals => totals.InputTokens,
        ["cachedInputTokens"] = totals => totals.CachedInputTokens,
        ["cacheWriteTokens"] = totals => totals.CacheWriteTokens,
        ["outputTokens"] = totals => totals.OutputTokens,
        ["reasoningTokens"] = totals => totals.ReasoningTokens,
        ["totalTokens"] = totals => totals.InputTokens + totals.CachedInputTokens + totals.CacheWriteTokens + totals.OutputTokens + totals.ReasoningTokens,
    };

    /// <summary>The meters that calls are measured by, as the other services know them.</summary>
    public static IReadOnlyDictionary<string, Func<UsageTotals, long>> BuiltInMeters { get; } = new Dictionary<string, Func<UsageTotals, long>>(StringComparer.Ordinal)
    {
        [Contracts.Meters.Requests] = totals => totals.Requests,
        [Contracts.Meters.InputTokens] = totals => totals.InputTokens + totals.CachedInputTokens + totals.CacheWriteTokens,
        [Contracts.Meters.OutputTokens] = totals => totals.OutputTokens + totals.ReasoningTokens,
    };

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="account">Whose usage.</param>
    /// <param name="meter">The operator's meter that it names, if there is such.</param>
    /// <param name="errors">What is wrong with it, by field.</param>
    /// <returns>The plan; null when something is wrong.</returns>
    public static UsageQueryPlan? Of(UsageQueryRequest request, Guid account, Meter? meter, out Dictionary<string, string[]> errors)
    {
        var faults = errors = SpanErrors.Of(request.From, request.To);
        var builtIn = request.Meter is { } name && BuiltInMeters.ContainsKey(name) ? name : null;
        if (request.Meter is not null && builtIn is null && meter is null)
        {
            faults["meter"] = ["There is no such meter. GET /api/admin/meters lists the operator's; ours are " + string.Join(", ", BuiltInMeters.Keys) + "."];
        }

        var granularity = request.Granularity ?? "none";
        if (!Periods.Names.TryGetValue(granularity, out var length))
        {
            faults["granularity"] = [$"Send one of {string.Join(", ", Periods.Names.Keys)}."];
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone ?? "UTC", out var zone))
        {
            faults["timeZone"] = ["Send the IANA name of a time zone, such as Europe/Kyiv."];
        }

        var names = meter is null ? (IReadOnlyCollection<string>)[.. Dimensions.Columns.Keys] : [.. meter.Dimensions];
        var groupBy = request.GroupBy?.Distinct(StringComparer.Ordinal).ToList() ?? [];
        if (groupBy.FirstOrDefault(group => !names.Contains(group)) is { } unknown)
        {
            faults["groupBy"] = [$"There is no dimension '{Shown(unknown)}' here; there are: {string.Join(", ", names)}."];
        }

        foreach (var (dimension, values) in request.Filters ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            if (!names.Contains(dimension) || values is not { Count: > 0 and <= MaximumFilterValues } || values.Any(value => value is null || value.Contains('\0')))
            {
                faults["filters"] = [$"A filter is a dimension ({string.Join(", ", names)}) with 1 to {MaximumFilterValues} texts."];
            }
        }

        var measures = Measured(request, meter, builtIn, faults);
        if (faults.Count > 0)
        {
            return null;
        }

        var starts = Periods.Starts(request.From, request.To, length, zone!, request.BillingAnchor?.Day ?? 1);
        if (starts is null)
        {
            faults["granularity"] = [$"That is more than {Periods.Maximum} periods. Ask for longer ones or a shorter time."];
            return null;
        }

        if (!starts.All(Periods.IsAligned))
        {
            faults["timeZone"] = ["At that time the zone's offset from UTC was no multiple of 15 minutes; ask in another zone."];
            return null;
        }

        var filters = request.Filters?.Select(filter => new DimensionFilter(filter.Key, filter.Value)).ToList() ?? [];
        return new UsageQueryPlan(new CellQuery(account, starts, request.To.ToUniversalTime(), groupBy, filters), granularity, zone!, measures, builtIn, meter);
    }

    private static IReadOnlyList<string> Measured(UsageQueryRequest request, Meter? meter, string? builtIn, Dictionary<string, string[]> faults)
    {
        if (meter is not null || builtIn is not null)
        {
            if (request.Measures is not null)
            {
                faults["measures"] = ["Name a meter or measures, not both."];
            }

            return [];
        }

        if (request.Measures is null)
        {
            return [.. MeasureNames.Keys, Cost];
        }

        if (request.Measures.Count == 0 || request.Measures.FirstOrDefault(measure => measure != Cost && !MeasureNames.ContainsKey(measure ?? string.Empty)) is not null)
        {
            faults["measures"] = [$"Send some of {string.Join(", ", MeasureNames.Keys)}, {Cost}."];
        }

        return [.. request.Measures.Distinct(StringComparer.Ordinal)];
    }

    private static string Shown(string name) => name.Length > 50 ? name[..50] + "…" : name;
}
