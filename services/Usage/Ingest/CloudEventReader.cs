using System.Text.Json;
using BotGeneric.Usage.Domain;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Ingest;

/// <summary>Either an entry for the ledger or the reason why the event cannot become one.</summary>
/// <param name="Entry">The entry of a valid event.</param>
/// <param name="Id">The event's id as sent, for the answer; null when it has none.</param>
/// <param name="Error">What is wrong and what to send instead; null for a valid event.</param>
public readonly record struct ReadEvent(LedgerEntry? Entry, string? Id, string? Error);

/// <summary>
/// Reads CloudEvents 1.0 of type <c>llm.call.v1</c>. Each event of a batch is read for itself, so that a bad one does not harm the others.
/// Extension attributes are allowed and ignored, as the specification of CloudEvents demands; members of <c>data</c> are ours and unknown ones are refused.
/// </summary>
/// <param name="options">How far off an event's time may be.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CloudEventReader(IOptions<UsageOptions> options, TimeProvider timeProvider)
{
    /// <summary>The one type of event that the ledger takes.</summary>
    public const string EventType = "llm.call.v1";

    private static readonly string[] DataMembers =
        ["feature", "provider", "model", "inputTokens", "cachedInputTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens"];

    /// <summary>Reads one event.</summary>
    /// <param name="json">What was sent.</param>
    /// <returns>The entry or the error.</returns>
    public ReadEvent Read(JsonElement json)
    {
        string? id = null;
        try
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidEventException("An event is a JSON object.");
            }

            id = Text(json, "id", CloudEventLimits.MaximumIdLength);
            return new ReadEvent(ReadEntry(json, id), id, null);
        }
        catch (InvalidEventException invalid)
        {
            return new ReadEvent(null, id, invalid.Message);
        }
        catch (InvalidOperationException)
        {
            // The JSON reader meets escapes that are no characters, such as a lone surrogate in a name.
            return new ReadEvent(null, id, "Names and values must be valid Unicode text.");
        }
    }

    private LedgerEntry ReadEntry(JsonElement json, string id)
    {
        if (Text(json, "specversion", 10) != "1.0")
        {
            throw new InvalidEventException("specversion must be \"1.0\".");
        }

        if (Text(json, "type", 100) is var type && type != EventType)
        {
            throw new InvalidEventException($"type must be \"{EventType}\"; no meter is known for anything else.");
        }

        if (!Guid.TryParseExact(Text(json, "subject", 36), "D", out var account))
        {
            throw new InvalidEventException("subject must be the id of the account, a UUID.");
        }

        var now = timeProvider.GetUtcNow();
        var data = Data(json);
        return new LedgerEntry
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account,
            Source = Text(json, "source", CloudEventLimits.MaximumSourceLength),
            SourceId = id,
            Time = Time(json, now),
            RecordedAt = now,
            Feature = OptionalText(data, "feature") ?? "unspecified",
            Provider = OptionalText(data, "provider"),
            Model = OptionalText(data, "model"),
            InputTokens = Tokens(data, "inputTokens"),
            CachedInputTokens = Tokens(data, "cachedInputTokens"),
            CacheWriteTokens = Tokens(data, "cacheWriteTokens"),
            OutputTokens = Tokens(data, "outputTokens"),
            ReasoningTokens = Tokens(data, "reasoningTokens"),
        };
    }

    private DateTimeOffset Time(JsonElement json, DateTimeOffset now)
    {
        if (!json.TryGetProperty("time", out var value))
        {
            return ToMicroseconds(now);
        }

        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTimeOffset(out var time))
        {
            throw new InvalidEventException("time must be RFC 3339, such as \"2026-01-31T12:00:00Z\".");
        }

        time = time.ToUniversalTime();
        if (time > now + options.Value.MaximumLead)
        {
            throw new InvalidEventException($"time is more than {options.Value.MaximumLead} ahead of ours ({now:O}). Check the clock.");
        }

        if (time < now - options.Value.MaximumAge)
        {
            throw new InvalidEventException($"time is more than {options.Value.MaximumAge.TotalDays:0} days ago; the ledger takes nothing older.");
        }

        return ToMicroseconds(time);
    }

    // The database keeps microseconds; what is published must be what is kept.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    private static JsonElement Data(JsonElement json)
    {
        if (!json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidEventException("data must be an object with the tokens of the call.");
        }

        foreach (var member in data.EnumerateObject())
        {
            if (!DataMembers.Contains(member.Name, StringComparer.Ordinal))
            {
                throw new InvalidEventException($"data.{Printable(member.Name)} is unknown; data has {string.Join(", ", DataMembers)}.");
            }
        }

        return data;
    }

    private static long Tokens(JsonElement data, string name)
    {
        if (!data.TryGetProperty(name, out var value))
        {
            return 0;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var tokens) && tokens is >= 0 and <= CloudEventLimits.MaximumTokens
            ? tokens
            : throw new InvalidEventException($"data.{name} must be a whole number from 0 to {CloudEventLimits.MaximumTokens}.");
    }

    private static string Text(JsonElement json, string name, int maximumLength) =>
        json.TryGetProperty(name, out var value) && TryText(value, maximumLength) is { } text
            ? text
            : throw new InvalidEventException($"{name} is required: 1 to {maximumLength} characters.");

    private static string? OptionalText(JsonElement data, string name)
    {
        if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return TryText(value, CloudEventLimits.MaximumNameLength)
            ?? throw new InvalidEventException($"data.{name} must be text of 1 to {CloudEventLimits.MaximumNameLength} characters.");
    }

    // PostgreSQL's text cannot hold U+0000, and a lone surrogate is no text at all.
    private static string? TryText(JsonElement value, int maximumLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            var text = value.GetString();
            return text is { Length: > 0 } && text.Length <= maximumLength && !text.Contains('\0') ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Printable(string name) => name.Length > 50 ? name[..50] + "…" : name;

    private sealed class InvalidEventException(string message) : Exception(message);
}
