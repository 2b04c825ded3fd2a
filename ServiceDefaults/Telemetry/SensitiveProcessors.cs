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

        // What an event of a span says cannot be changed any more. A span that tells a secret there is not exported.
        if (data.Events.Any(happened => happened.Tags.Any(tag => tag.Value is string text && !ReferenceEquals(SensitiveData.Redact(text), text))))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
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

        var attributes = (data.Attributes ?? []).Select(Redact).ToList();
        if (data.Exception is { } exception)
        {
            // An exporter would write message and stack trace as they are, so they become attributes that can be cleaned.
            attributes.Add(new KeyValuePair<string, object?>("exception.type", exception.GetType().FullName));
            attributes.Add(new KeyValuePair<string, object?>("exception.message", SensitiveData.Redact(exception.Message)));
            attributes.Add(new KeyValuePair<string, object?>("exception.stacktrace", SensitiveData.Redact(exception.ToString())));
            data.Exception = null;
        }

        data.Attributes = attributes;
    }

    // Numbers, flags and times carry no text; anything else is what its text says.
    private static KeyValuePair<string, object?> Redact(KeyValuePair<string, object?> pair) =>
        pair.Value is null or ValueType and not Microsoft.AspNetCore.Http.PathString
            ? pair
            : new KeyValuePair<string, object?>(pair.Key, SensitiveData.Redact(pair.Value.ToString() ?? string.Empty));
}
