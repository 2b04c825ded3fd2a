using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using CsCheck;
using MassTransit.Serialization;

namespace BotGeneric.Usage.Tests;

public sealed class UsageRecordedJsonTests
{
    private static readonly JsonSerializerOptions Serializer = new(SystemTextJsonMessageSerializer.Options) { WriteIndented = false };

    private static readonly Gen<string> Text = Gen.String.Where(text => !text.Any(char.IsSurrogate));

    private static readonly Gen<LedgerEntry> Entries =
        from ids in Gen.Guid.Array[7]
        from texts in Text.Null().Array[5]
        from numbers in Gen.Long.Array[6]
        from given in Gen.Bool.Array[5]
        from cost in Gen.Decimal
        from ticks in Gen.Long[0, TimeSpan.TicksPerDay]
        select new LedgerEntry
        {
            Id = ids[0],
            AccountId = ids[1],
            UserId = given[0] ? ids[2] : null,
            HoldId = given[1] ? ids[3] : null,
            CorrectsEntryId = given[2] ? ids[4] : null,
            Source = "tests",
            SourceId = "1",
            Time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks),
            RecordedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks),
            Feature = texts[0] ?? "chat",
            Channel = texts[1],
            Provider = texts[2],
            Model = texts[3],
            ApiKeyId = texts[4],
            Requests = numbers[0],
            InputTokens = numbers[1],
            CachedInputTokens = numbers[2],
            CacheWriteTokens = numbers[3],
            OutputTokens = numbers[4],
            ReasoningTokens = numbers[5],
            Cost = given[3] ? cost : null,
            Currency = given[3] ? "USD" : null,
            MeterQuantities = given[4] ? new Dictionary<string, decimal> { ["Images.x"] = cost, ["a"] = 1.50m } : null,
        };

    [Fact]
    public void What_is_written_by_hand_is_what_the_serializer_of_messages_writes() =>
        Entries.List[1, 20].Sample(entries =>
        {
            var written = Assert.Single(UsageRecordedJson.Write(entries, entries[0].RecordedAt, default));
            var record = new UsageRecorded { EventId = written.EventId, OccurredAt = entries[0].RecordedAt, Entries = [.. entries.Select(ToEntry)] };
            Assert.Equal(JsonSerializer.Serialize(record, Serializer), written.Body);
        });

    [Fact]
    public void A_message_has_at_most_500_entries_and_is_never_too_large()
    {
        var entry = Some.Entry(Guid.CreateVersion7(), "1");
        var wide = entry with { Feature = new string('\u0001', 100), Model = new string('\u0001', 100), Provider = new string('\u0001', 100), Channel = new string('\u0001', 100) };

        Assert.Equal([500, 500, 1], UsageRecordedJson.Write([.. Enumerable.Repeat(entry, 1001)], entry.RecordedAt, default).Select(Count));
        var events = UsageRecordedJson.Write([.. Enumerable.Repeat(wide, 1000)], entry.RecordedAt, default);
        Assert.Equal(1000, events.Sum(Count));
        Assert.All(events, written => Assert.True(written.Body.Length < OutboxLimits.MaxBodyBytes));
    }

    private static int Count(SerializedEvent written) => JsonSerializer.Deserialize<UsageRecorded>(written.Body, Serializer)!.Entries.Count;

    private static UsageEntry ToEntry(LedgerEntry entry) => new()
    {
        EntryId = entry.Id,
        AccountId = entry.AccountId,
        Time = entry.Time,
        UserId = entry.UserId,
        ApiKeyId = entry.ApiKeyId,
        Feature = entry.Feature,
        Channel = entry.Channel,
        Provider = entry.Provider,
        Model = entry.Model,
        HoldId = entry.HoldId,
        CorrectsEntryId = entry.CorrectsEntryId,
        Requests = entry.Requests,
        InputTokens = entry.InputTokens,
        CachedInputTokens = entry.CachedInputTokens,
        CacheWriteTokens = entry.CacheWriteTokens,
        OutputTokens = entry.OutputTokens,
        ReasoningTokens = entry.ReasoningTokens,
        Cost = entry.Cost,
        Currency = entry.Currency,
        CustomMeters = entry.MeterQuantities,
    };
}
