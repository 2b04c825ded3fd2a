using System.Text.Json;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Meters;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Ingest;

/// <summary>Either an entry for the ledger or the reason why the event cannot become one.</summary>
/// <param name="Entry">The entry of a valid event.</param>
/// <param name="Id">The event's id as sent, for the answer; null when it has none.</param>
/// <param name="Error">What is wrong and what to send instead; null for a valid event.</param>
public readonly record struct ReadEvent(LedgerEntry? Entry, string? Id, string? Error);

/// <summary>
/// Reads CloudEvents 1.0: calls of language models and events of the operator's meters, one or an array of them, from the bytes of a body. Each event of a batch is read
/// for itself, so that a bad one does not harm the others. Extension attributes are allowed and ignored, as the specification of CloudEvents demands; members of
/// the <c>data</c> of a call are ours and unknown ones are refused.
/// </summary>
/// <param name="options">How far off an event's time may be.</param>
/// <param name="meters">What is measured beside calls of models.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CloudEventReader(IOptions<UsageOptions> options, MeterCatalogue meters, TimeProvider timeProvider)
{
    // However deep one event is nested, the others of its batch are read. Each level is at least a byte of the body.
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a body.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="count">How many events it has, also when those are too many to be read.</param>
    /// <returns>The events in the order sent; empty when there is none or more than <see cref="CloudEventLimits.MaximumBatch"/>.</returns>
    /// <exception cref="JsonException">The body is not JSON, or neither an object nor an array.</exception>
    public IReadOnlyList<ReadEvent> Read(ReadOnlySpan<byte> body, out int count)
    {
        if (body.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        var events = new List<ReadEvent>();
        var values = new BodyValues(body);
        var json = new Utf8JsonReader(body, AnyDepth);
        var now = timeProvider.GetUtcNow();
        json.Read();
        count = 1;
        if (json.TokenType == JsonTokenType.StartArray)
        {
            for (count = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
            {
                if (count >= CloudEventLimits.MaximumBatch)
                {
                    json.Skip();
                }
                else
                {
                    events.Add(ReadOne(ref json, values, now));
                }
            }
        }
        else if (json.TokenType == JsonTokenType.StartObject)
        {
            events.Add(ReadOne(ref json, values, now));
        }
        else
        {
            throw new JsonException("Neither an event nor a list of them.");
        }

        // What follows the value must be nothing: the reader throws.
        json.Read();
        return count > CloudEventLimits.MaximumBatch ? [] : events;
    }

    private ReadEvent ReadOne(ref Utf8JsonReader json, BodyValues values, DateTimeOffset now)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return new ReadEvent(null, null, "An event is a JSON object.");
        }

        var scan = default(EventScan);
        scan.Read(ref json);
        var fields = new EventFields(scan, values);
        var id = fields.Text(EventAttribute.Id, "id", CloudEventLimits.MaximumIdLength);
        var entry = ReadEntry(ref fields, id, now);
        return fields.Error is null ? new ReadEvent(entry, id, null) : new ReadEvent(null, id, fields.Error);
    }

    private LedgerEntry? ReadEntry(ref EventFields fields, string? id, DateTimeOffset now)
    {
        fields.RequireNames();
        fields.RequireVersion();
        var type = fields.Text(EventAttribute.Type, "type", CloudEventLimits.MaximumTypeLength);
        IReadOnlyList<Meter> measured = [];
        if (type is not null && type != LedgerEventTypes.LlmCall && (measured = meters.Of(type)).Count == 0)
        {
            fields.Fail($"type must be \"{LedgerEventTypes.LlmCall}\" or one that a meter measures; no meter is known for anything else.");
        }

        var account = fields.Subject();
        return measured.Count > 0 ? ReadMeasured(ref fields, type!, id, account, measured, now) : ReadCall(ref fields, id, account, now);
    }

    private LedgerEntry? ReadCall(ref EventFields fields, string? id, Guid account, DateTimeOffset now)
    {
        fields.RequireCallData();
        var source = fields.Text(EventAttribute.Source, "source", CloudEventLimits.MaximumSourceLength);
        var time = Time(ref fields, now);
        var feature = fields.OptionalText(CallMember.Feature, "feature");
        var provider = fields.OptionalText(CallMember.Provider, "provider");
        var model = fields.OptionalText(CallMember.Model, "model");
        var input = fields.Tokens(CallMember.InputTokens, "inputTokens");
        var cachedInput = fields.Tokens(CallMember.CachedInputTokens, "cachedInputTokens");
        var cacheWrite = fields.Tokens(CallMember.CacheWriteTokens, "cacheWriteTokens");
        var output = fields.Tokens(CallMember.OutputTokens, "outputTokens");
        var reasoning = fields.Tokens(CallMember.ReasoningTokens, "reasoningTokens");
        var user = fields.OptionalId(CallMember.UserId, "userId");
        var key = fields.OptionalText(CallMember.ApiKeyId, "apiKeyId");
        var channel = fields.OptionalText(CallMember.Channel, "channel");
        var hold = fields.OptionalId(CallMember.HoldId, "holdId");
        return fields.Error is not null ? null : new LedgerEntry
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account,
            UserId = user,
            ApiKeyId = key,
            Source = source!,
            SourceId = id!,
            Time = time,
            RecordedAt = now,
            Feature = feature ?? LedgerEntry.UnspecifiedFeature,
            Channel = channel,
            Provider = provider,
            Model = model,
            HoldId = hold,
            InputTokens = input,
            CachedInputTokens = cachedInput,
            CacheWriteTokens = cacheWrite,
            OutputTokens = output,
            ReasoningTokens = reasoning,
        };
    }

    private LedgerEntry? ReadMeasured(
        ref EventFields fields, string type, string? id, Guid account, IReadOnlyList<Meter> measured, DateTimeOffset now)
    {
        var source = fields.Text(EventAttribute.Source, "source", CloudEventLimits.MaximumSourceLength);
        var time = Time(ref fields, now);
        if (fields.Error is not null)
        {
            return null;
        }

        var data = MeasuredData.Read(fields.Data, measured);
        if (data.Error is { } error)
        {
            fields.Fail(error);
            return null;
        }

        return new LedgerEntry
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account,
            Type = type,
            Source = source!,
            SourceId = id!,
            Time = time,
            RecordedAt = now,
            Feature = data.Feature ?? LedgerEntry.UnspecifiedFeature,
            Requests = 0,
            Data = data.Json,
            MeterQuantities = data.Quantities,
        };
    }

    private DateTimeOffset Time(ref EventFields fields, DateTimeOffset now)
    {
        if (fields.Time() is not { } time)
        {
            return ToMicroseconds(now);
        }

        if (time > now + options.Value.MaximumLead)
        {
            fields.Fail($"time is more than {options.Value.MaximumLead} ahead of ours ({now:O}). Check the clock.");
        }
        else if (time < now - options.Value.MaximumAge)
        {
            fields.Fail($"time is more than {options.Value.MaximumAge.TotalDays:0} days ago; the ledger takes nothing older.");
        }

        return ToMicroseconds(time);
    }

    // The database keeps microseconds; what is published must be what is kept.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
