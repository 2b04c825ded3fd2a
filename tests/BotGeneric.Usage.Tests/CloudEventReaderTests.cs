using System.Text;
using System.Text.Json;
using BotGeneric.Usage.Ingest;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Usage.Tests;

public sealed class CloudEventReaderTests
{
    private const string Valid =
        """
        { "specversion": "1.0", "type": "llm.call.v1", "source": "tests", "id": "1", "subject": "0192f0c1-2345-7abc-8def-0123456789ab",
          "time": "2026-01-31T12:00:00.1234567+02:00",
          "data": { "feature": "chat", "provider": "acme", "model": "m1", "inputTokens": 10, "cachedInputTokens": 20, "cacheWriteTokens": 30, "outputTokens": 40, "reasoningTokens": 50 } }
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_valid_event_becomes_an_entry_in_utc_to_the_microsecond()
    {
        var entry = Read(Valid).Entry!;

        Assert.Equal(new DateTimeOffset(2026, 1, 31, 10, 0, 0, 123, 456, TimeSpan.Zero), entry.Time);
        Assert.Equal(Guid.Parse("0192f0c1-2345-7abc-8def-0123456789ab"), entry.AccountId);
        Assert.Equal(("chat", "acme", "m1"), (entry.Feature, entry.Provider, entry.Model));
        Assert.Equal((10, 20, 30, 40, 50), (entry.InputTokens, entry.CachedInputTokens, entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens));
    }

    [Fact]
    public void Extension_attributes_are_allowed() =>
        Assert.Null(Read(Valid.Replace("\"specversion\"", "\"traceparent\": \"x\", \"specversion\"", StringComparison.Ordinal)).Error);

    [Fact]
    public void Without_a_time_an_event_is_of_now() =>
        Assert.Equal(_clock.GetUtcNow(), Read(Valid.Replace("\"time\": \"2026-01-31T12:00:00.1234567+02:00\",", string.Empty, StringComparison.Ordinal)).Entry!.Time);

    [Theory]
    [InlineData("\"specversion\": \"1.0\"", "\"specversion\": \"0.3\"", "specversion")]
    [InlineData("\"llm.call.v1\"", "\"llm.call.v9\"", "type")]
    [InlineData("\"id\": \"1\"", "\"id\": \"\"", "id")]
    [InlineData("\"id\": \"1\"", "\"id\": \"\\u0000\"", "id")]
    [InlineData("\"id\": \"1\"", "\"id\": \"\\ud800\"", "id")]
    [InlineData("\"id\": \"1\"", "\"id\": 1", "id")]
    [InlineData("\"source\": \"tests\",", "", "source")]
    [InlineData("0192f0c1-2345-7abc-8def-0123456789ab", "alice", "subject")]
    [InlineData("2026-01-31T12:00:00.1234567+02:00", "yesterday", "time")]
    [InlineData("2026-01-31T12:00:00.1234567+02:00", "2026-02-01T00:05:01Z", "ahead")]
    [InlineData("2026-01-31T12:00:00.1234567+02:00", "2016-01-31T00:00:00Z", "days ago")]
    [InlineData("\"inputTokens\": 10", "\"inputTokens\": -1", "data.inputTokens")]
    [InlineData("\"inputTokens\": 10", "\"inputTokens\": 1.5", "data.inputTokens")]
    [InlineData("\"inputTokens\": 10", "\"inputTokens\": \"10\"", "data.inputTokens")]
    [InlineData("\"inputTokens\": 10", "\"inputTokens\": 1000000001", "data.inputTokens")]
    [InlineData("\"inputTokens\": 10", "\"inputTokens\": 99999999999999999999999", "data.inputTokens")]
    [InlineData("\"inputTokens\"", "\"input_tokens\"", "input_tokens is unknown")]
    [InlineData("\"inputTokens\"", "\"\\ud800\"", "Unicode")]
    [InlineData("2026-01-31T12:00:00.1234567+02:00", "\\ud800", "time")]
    [InlineData("\"feature\": \"chat\"", "\"feature\": 5", "data.feature")]
    public void What_is_wrong_is_named(string part, string replacement, string named)
    {
        var broken = Valid.Replace(part, replacement, StringComparison.Ordinal);
        Assert.NotEqual(Valid, broken);

        var read = Read(broken);

        Assert.Null(read.Entry);
        Assert.Contains(named, read.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "id": "1", "specversion": "1.0", "type": "llm.call.v1", "source": "s", "subject": "0192f0c1-2345-7abc-8def-0123456789ab", "data": [] }""")]
    public void What_is_no_event_is_said_to_be_none(string json) => Assert.NotNull(Read(json).Error);

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("true")]
    public void A_body_that_is_neither_an_event_nor_a_list_is_refused_whole(string json) =>
        Assert.ThrowsAny<JsonException>(() => Some.Reader(_clock).Read(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void No_text_in_any_place_makes_the_reader_throw()
    {
        string[] places =
        [
            "\"specversion\": \"1.0\"", "\"type\": \"llm.call.v1\"", "\"source\": \"tests\"", "\"id\": \"1\"", "\"feature\": \"chat\"",
            "\"model\": \"m1\"", "\"inputTokens\": 10", "\"reasoningTokens\": 50",
        ];
        Gen.Select(Gen.Int[0, places.Length - 1], Gen.OneOf(Gen.String.Select(text => JsonSerializer.Serialize(text)), Gen.Double.Where(double.IsFinite).Select(number => JsonSerializer.Serialize(number))))
            .Sample((place, value) =>
            {
                var member = places[place];
                var read = Read(Valid.Replace(member, $"{member.Split(':')[0]}: {value}", StringComparison.Ordinal));
                return (read.Entry is null) != (read.Error is null);
            });
    }

    private ReadEvent Read(string json) => Assert.Single(Some.Reader(_clock).Read(Encoding.UTF8.GetBytes($"[{json}]"), out _));
}
