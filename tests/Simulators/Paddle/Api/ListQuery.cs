using System.Globalization;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>The query of a list: filters, order, page.</summary>
/// <param name="query">The query.</param>
/// <param name="address">The address of the list, without a query.</param>
internal sealed class ListQuery(IQueryCollection query, string address)
{
    private static readonly string[] Comparisons = ["", "[LT]", "[LTE]", "[GT]", "[GTE]"];

    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "after", "per_page", "order_by" };
    private readonly List<FieldError> _errors = [];

    /// <summary>The values of a filter, separated by commas; null when it was not given.</summary>
    public string[]? Values(string name)
    {
        _known.Add(name);
        return query.TryGetValue(name, out var value) ? value.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : null;
    }

    public bool Includes(string what) => Values("include")?.Contains(what, StringComparer.Ordinal) == true;

    /// <summary>Whether a value passes a filter.</summary>
    public bool Passes(string[]? values, string? value) => values is null || (value is not null && values.Contains(value, StringComparer.Ordinal));

    /// <summary>A filter by time: <c>name</c>, <c>name[GT]</c> and so on; without one everything passes.</summary>
    public Predicate<DateTimeOffset?> Times(string name)
    {
        var bounds = new List<(string Comparison, DateTimeOffset Time)>();
        foreach (var comparison in Comparisons)
        {
            _known.Add(name + comparison);
            if (!query.TryGetValue(name + comparison, out var text))
            {
                continue;
            }

            if (PaddleJson.TryReadTime(text, out var time))
            {
                bounds.Add((comparison, time));
            }
            else
            {
                _errors.Add(new FieldError(name + comparison, "must be a valid RFC 3339 date and time"));
            }
        }

        return value => bounds.TrueForAll(bound => value is { } time && bound.Comparison switch
        {
            "[LT]" => time < bound.Time,
            "[LTE]" => time <= bound.Time,
            "[GT]" => time > bound.Time,
            "[GTE]" => time >= bound.Time,
            _ => time == bound.Time,
        });
    }

    /// <summary>A page of what passed the filters.</summary>
    /// <param name="rows">What passed, oldest first.</param>
    /// <param name="shape">What one looks like.</param>
    /// <param name="perPage">How many are on a page, unless the caller says so.</param>
    /// <param name="maximum">How many the caller may ask for.</param>
    /// <param name="newestFirst">The order, unless the caller says so.</param>
    public Answer Page<T>(IEnumerable<T> rows, Func<T, JsonNode> shape, int perPage = 50, int maximum = 200, bool newestFirst = true)
        where T : class, IEntity
    {
        var size = perPage;
        if (query.TryGetValue("per_page", out var asked)
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1 || size > maximum))
        {
            _errors.Add(new FieldError("per_page", string.Create(CultureInfo.InvariantCulture, $"must be a whole number from 1 to {maximum}")));
        }

        var ordered = Order([.. rows], newestFirst);
        // Paddle ignores parameters that it does not know; a mistyped filter would then list everything, so this simulator refuses it.
        _errors.AddRange(query.Keys.Where(key => !_known.Contains(key)).Select(key => new FieldError(key, "parameter is not known")));
        if (_errors.Count > 0)
        {
            return Refusal.Invalid(_errors);
        }

        var start = 0;
        if (query.TryGetValue("after", out var after))
        {
            start = ordered.FindIndex(row => row.Id == after.ToString()) + 1;
            if (start == 0 && after.ToString().Length > 0)
            {
                start = ordered.Count;
            }
        }

        var page = ordered.Skip(start).Take(size).ToArray();
        var last = page.LastOrDefault()?.Id ?? after.ToString();
        var next = QueryHelpers.AddQueryString(
            address,
            query.Where(pair => pair.Key != "after").Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString())).Append(KeyValuePair.Create("after", (string?)last)));
        return Answer.Page(
            new JsonArray([.. page.Select(shape)]), new PageInfo(size, next, start + page.Length < ordered.Count, ordered.Count));
    }

    private List<T> Order<T>(List<T> rows, bool newestFirst)
        where T : class, IEntity
    {
        var order = query.TryGetValue("order_by", out var asked) ? asked.ToString() : newestFirst ? "id[DESC]" : "id[ASC]";
        var descending = order.EndsWith("[DESC]", StringComparison.Ordinal);
        if (!descending && !order.EndsWith("[ASC]", StringComparison.Ordinal))
        {
            _errors.Add(new FieldError("order_by", "must be a field followed by [ASC] or [DESC]"));
            return rows;
        }

        switch (order[..order.IndexOf('[', StringComparison.Ordinal)])
        {
            case "id" or "created_at":
                break;
            case "updated_at":
                rows = [.. rows.OrderBy(row => row.UpdatedAt)];
                break;
            default:
                _errors.Add(new FieldError("order_by", "must be one of id, created_at, updated_at"));
                return rows;
        }

        if (descending)
        {
            rows.Reverse();
        }

        return rows;
    }
}
