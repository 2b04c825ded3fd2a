using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>The members of a request, read strictly: every mistake is noted, and so is every member that nobody asked for.</summary>
/// <param name="json">The request.</param>
/// <param name="path">Where in the body it is; empty for the whole.</param>
/// <param name="errors">Where mistakes are noted.</param>
internal sealed class Fields(JsonObject json, string path = "", List<FieldError>? errors = null)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<FieldError> _errors = errors ?? [];

    public bool Has(string name)
    {
        _asked.Add(name);
        return json.ContainsKey(name);
    }

    public bool IsNull(string name) => Has(name) && json[name] is null;

    public void Error(string name, string message) => _errors.Add(new FieldError(path + name, message));

    /// <summary>The mistakes, once everything has been asked for.</summary>
    public Refusal? Refuse()
    {
        Close();
        return _errors.Count == 0 ? null : Refusal.Invalid(_errors);
    }

    /// <summary>Notes the members that nobody asked for.</summary>
    public void Close()
    {
        foreach (var (name, _) in json.Where(member => !_asked.Contains(member.Key)))
        {
            Error(name, "field is not allowed");
        }
    }

    public string? Text(string name, int maximum = 200, bool required = false)
    {
        if (Node(name, required) is not { } node)
        {
            return null;
        }

        if (node.GetValueKind() != JsonValueKind.String)
        {
            Error(name, "must be a string");
            return null;
        }

        var text = node.GetValue<string>();
        if (required && text.Length == 0)
        {
            Error(name, "must not be empty");
        }
        else if (text.Length > maximum)
        {
            Error(name, string.Create(CultureInfo.InvariantCulture, $"maximum length of {maximum} exceeded. provided value length is {text.Length}"));
        }

        return text;
    }

    public string? OneOf(string name, string[] values, bool required = false)
    {
        var text = Text(name, required: required);
        if (text is not null && !values.Contains(text, StringComparer.Ordinal))
        {
            Error(name, $"must be one of {string.Join(", ", values)}");
            return null;
        }

        return text;
    }

    public int? Number(string name, int minimum, int maximum, bool required = false)
    {
        if (Node(name, required) is not { } node)
        {
            return null;
        }

        if (node.GetValueKind() != JsonValueKind.Number || !node.AsValue().TryGetValue(out int number) || number < minimum || number > maximum)
        {
            Error(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {minimum} to {maximum}"));
            return null;
        }

        return number;
    }

    public bool? Flag(string name)
    {
        if (Node(name, required: false) is not { } node)
        {
            return null;
        }

        if (node.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
        {
            Error(name, "must be a boolean");
            return null;
        }

        return node.GetValue<bool>();
    }

    public DateTimeOffset? Time(string name)
    {
        var text = Text(name);
        if (text is null)
        {
            return null;
        }

        if (!PaddleJson.TryReadTime(text, out var time))
        {
            Error(name, "must be a valid RFC 3339 date and time");
            return null;
        }

        return time;
    }

    /// <summary>Free data of the seller's: an object, kept as it is.</summary>
    public JsonObject? CustomData()
    {
        if (Node("custom_data", required: false) is not { } node)
        {
            return null;
        }

        if (node is not JsonObject data)
        {
            Error("custom_data", "must be an object");
            return null;
        }

        return PaddleJson.Clone(data);
    }

    public Fields? Object(string name, bool required = false)
    {
        if (Node(name, required) is not { } node)
        {
            return null;
        }

        if (node is not JsonObject inner)
        {
            Error(name, "must be an object");
            return null;
        }

        return new Fields(inner, $"{path}{name}.", _errors);
    }

    public IReadOnlyList<Fields>? Objects(string name, int minimum, int maximum, bool required = false)
    {
        if (Array(name, minimum, maximum, required) is not { } array)
        {
            return null;
        }

        var objects = new List<Fields>(array.Count);
        for (var index = 0; index < array.Count; index++)
        {
            if (array[index] is JsonObject inner)
            {
                objects.Add(new Fields(inner, string.Create(CultureInfo.InvariantCulture, $"{path}{name}[{index}]."), _errors));
            }
            else
            {
                Error(string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]"), "must be an object");
            }
        }

        return objects;
    }

    public IReadOnlyList<string>? Texts(string name, int minimum, int maximum, bool required = false)
    {
        if (Array(name, minimum, maximum, required) is not { } array)
        {
            return null;
        }

        if (array.Any(item => item?.GetValueKind() != JsonValueKind.String))
        {
            Error(name, "must contain strings only");
            return null;
        }

        return [.. array.Select(item => item!.GetValue<string>())];
    }

    public MoneyAmount? Amount(string name, bool required = false)
    {
        if (Object(name, required) is not { } inner)
        {
            return null;
        }

        var amount = inner.Text("amount", required: true);
        var currency = inner.Text("currency_code", required: true);
        inner.Close();
        if (amount is null || currency is null)
        {
            return null;
        }

        if (!long.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || Currencies.Find(currency) is null)
        {
            inner.Error(Currencies.Find(currency) is null ? "currency_code" : "amount", "is not valid");
            return null;
        }

        return new MoneyAmount(value, currency);
    }

    public TimePeriod? Period(string name)
    {
        if (Object(name) is not { } inner)
        {
            return null;
        }

        var interval = inner.OneOf("interval", TimePeriod.Intervals, required: true);
        var frequency = inner.Number("frequency", 1, 999, required: true);
        inner.Close();
        return interval is null || frequency is not { } count ? null : new TimePeriod(interval, count);
    }

    private JsonArray? Array(string name, int minimum, int maximum, bool required)
    {
        if (Node(name, required) is not { } node)
        {
            return null;
        }

        if (node is not JsonArray array || array.Count < minimum || array.Count > maximum)
        {
            Error(name, string.Create(CultureInfo.InvariantCulture, $"must be a list of {minimum} to {maximum}"));
            return null;
        }

        return array;
    }

    private JsonNode? Node(string name, bool required)
    {
        if (Has(name) && json[name] is { } node)
        {
            return node;
        }

        if (required)
        {
            Error(name, "must be provided as part of the request");
        }

        return null;
    }
}
