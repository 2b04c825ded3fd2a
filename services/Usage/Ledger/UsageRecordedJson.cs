using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// Writes <see cref="UsageRecorded"/> from entries of the ledger, byte for byte as the serializer of messages would write the record, without the records. A test
/// compares the two.
/// </summary>
internal static class UsageRecordedJson
{
    private const int MaximumEntries = 500;

    // Names of characters that JSON escapes are six times as long; half of what the outbox takes leaves room for the last entry.
    private const int FullBytes = OutboxLimits.MaxBodyBytes / 2;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes events of up to 500 entries each.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="recordedAt">When they were recorded, UTC.</param>
    /// <param name="trace">The trace that the events belong to.</param>
    public static IReadOnlyCollection<SerializedEvent> Write(IReadOnlyList<LedgerEntry> entries, DateTimeOffset recordedAt, ActivityContext trace)
    {
        var events = new List<SerializedEvent>((entries.Count / MaximumEntries) + 1);
        var buffer = new ArrayBufferWriter<byte>(Math.Min(entries.Count, MaximumEntries) * 700);
        using var json = new Utf8JsonWriter(buffer, Options);
        for (var next = 0; next < entries.Count;)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            var id = Guid.CreateVersion7(recordedAt);
            json.WriteStartObject();
            json.WriteString("eventId"u8, id);
            json.WriteString("occurredAt"u8, recordedAt);
            json.WriteStartArray("entries"u8);
            var end = Math.Min(entries.Count, next + MaximumEntries);
            do
            {
                Write(json, entries[next++]);
            }
            while (next < end && json.BytesCommitted + json.BytesPending < FullBytes);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            events.Add(new SerializedEvent(typeof(UsageRecorded), id, Encoding.UTF8.GetString(buffer.WrittenSpan), trace));
        }

        return events;
    }

    private static void Write(Utf8JsonWriter json, LedgerEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("entryId"u8, entry.Id);
        json.WriteString("accountId"u8, entry.AccountId);
        json.WriteString("time"u8, entry.Time);
        Write(json, "userId"u8, entry.UserId);
        json.WriteString("apiKeyId"u8, entry.ApiKeyId);
        json.WriteString("feature"u8, entry.Feature);
        json.WriteString("channel"u8, entry.Channel);
        json.WriteString("provider"u8, entry.Provider);
        json.WriteString("model"u8, entry.Model);
        Write(json, "holdId"u8, entry.HoldId);
        Write(json, "correctsEntryId"u8, entry.CorrectsEntryId);
        json.WriteNumber("requests"u8, entry.Requests);
        json.WriteNumber("inputTokens"u8, entry.InputTokens);
        json.WriteNumber("cachedInputTokens"u8, entry.CachedInputTokens);
        json.WriteNumber("cacheWriteTokens"u8, entry.CacheWriteTokens);
        json.WriteNumber("outputTokens"u8, entry.OutputTokens);
        json.WriteNumber("reasoningTokens"u8, entry.ReasoningTokens);
        Write(json, "cost"u8, entry.Cost);
        json.WriteString("currency"u8, entry.Currency);
        if (entry.MeterQuantities is { } meters)
        {
            json.WriteStartObject("customMeters"u8);
            foreach (var (code, quantity) in meters)
            {
                json.WriteString(code, quantity.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("customMeters"u8);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid? value)
    {
        if (value is { } given)
        {
            json.WriteString(name, given);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, decimal? value)
    {
        if (value is { } given)
        {
            Span<char> text = stackalloc char[32];
            given.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
            json.WriteString(name, text[..length]);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
