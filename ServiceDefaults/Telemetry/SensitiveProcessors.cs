using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace BotGeneric.ServiceDefaults.Telemetry;

/// <summary>Removes sensitive values from the text attributes of a span before it is exported.</summary>
public sealed class SensitiveSpanProcessor : BaseProcessor<Activity>
{
    // Numbers, ids and enumerations of the semantic conventions cannot carry user data; these keys hold free text or addresses.
    private static readonly string[] TextKeys =
        ["url.path", "url.full", "url.query", "http.url", "http.target", "db.query.text", "db.statement", "exception.message", "error.message"];

    /// <inheritdoc />
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        foreach (var key in TextKeys)
        {
            if (data.GetTagItem(key) is string text)
            {
                var redacted = SensitiveData.Redact(text);
                if (!ReferenceEquals(redacted, text))
                {
                    data.SetTag(key, redacted);
                }
            }
        }

        data.DisplayName = SensitiveData.Redact(data.DisplayName);
        if (data.StatusDescription is { } description)
        {
            data.SetStatus(data.Status, SensitiveData.Redact(description));
        }
    }
}

/// <summary>Removes sensitive values from log records before they are exported.</summary>
public sealed class SensitiveLogProcessor : BaseProcessor<LogRecord>
{
    /// <inheritdoc />
    public override void OnEnd(LogRecord data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = SensitiveData.Redact(message);
        }

        data.Attributes = data.Attributes?
            .Select(pair => pair.Value is string text ? new KeyValuePair<string, object?>(pair.Key, SensitiveData.Redact(text)) : pair)
            .ToList();
    }
}
