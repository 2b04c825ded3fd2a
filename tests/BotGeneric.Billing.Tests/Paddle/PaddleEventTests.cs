using System.Text;
using BotGeneric.Billing.Paddle;
using CsCheck;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleEventTests
{
    [Fact]
    public void An_envelope_is_read_with_nine_digits_and_without_a_delivery()
    {
        var read = Read("""{ "event_id": "evt_1", "event_type": "price.created", "occurred_at": "2026-01-02T03:04:05.123456789Z", "data": { "id": "pri_1" }, "later": [1] }""");

        Assert.Equal(("evt_1", "price.created", null), (read!.EventId, read.EventType, read.NotificationId));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567), read.OccurredAt);
        Assert.False(read.IsRehearsal);
    }

    [Theory]
    [InlineData("subscription_created", "subscription.created")]
    [InlineData("subscription_updated", "subscription.updated")]
    [InlineData("subscription_cancelled", "subscription.canceled")]
    [InlineData("subscription_canceled", "subscription.canceled")]
    [InlineData("subscription_paused", "subscription.paused")]
    [InlineData("subscription_resumed", "subscription.resumed")]
    [InlineData("transaction_completed", "transaction.completed")]
    [InlineData("transaction_failed", "transaction.payment_failed")]
    [InlineData("payment_method.saved", "payment_method.saved")]
    [InlineData("api_key_exposure.created", "api_key_exposure.created")]
    [InlineData("of_the_future", "of_the_future")]
    public void A_name_with_underscores_becomes_the_dotted_one(string type, string expected) =>
        Assert.Equal(expected, Read(Envelope(type: $"\"{type}\""))?.EventType);

    [Theory]
    [InlineData("evt_1", false)]
    [InlineData("ntfsimevt_1", true)]
    [InlineData("anything", false)]
    public void A_rehearsal_is_known_by_its_id_and_no_other_id_is_refused_for_its_form(string id, bool isRehearsal) =>
        Assert.Equal(isRehearsal, Read(Envelope(id: $"\"{id}\""))?.IsRehearsal);

    [Theory]
    [InlineData("event_id", "5")]
    [InlineData("event_id", "null")]
    [InlineData("event_id", "\"\"")]
    [InlineData("event_id", "\"a b\"")]
    [InlineData("event_id", "\"\\u0000\"")]
    [InlineData("event_id", "\"\\ud800\"")]
    [InlineData("event_id", "\"имя\"")]
    [InlineData("event_id", "[\"evt_1\"]")]
    [InlineData("event_type", "true")]
    [InlineData("event_type", "\"a\\nb\"")]
    [InlineData("occurred_at", "1700000000")]
    [InlineData("occurred_at", "\"yesterday\"")]
    [InlineData("occurred_at", "\"0001-01-01T00:00:00Z\"")]
    [InlineData("occurred_at", "\"0001-01-01T00:00:00+14:00\"")]
    [InlineData("occurred_at", "\"9999-12-31T23:59:59.999999999-14:00\"")]
    [InlineData("occurred_at", "\"2026-13-01T00:00:00Z\"")]
    [InlineData("data", "null")]
    [InlineData("data", "[]")]
    [InlineData("data", "\"{}\"")]
    [InlineData("data", "1e999")]
    public void A_member_of_the_wrong_kind_is_no_envelope(string member, string value) => Assert.Null(Read(member switch
    {
        "event_id" => Envelope(id: value),
        "event_type" => Envelope(type: value),
        "occurred_at" => Envelope(at: value),
        _ => Envelope(data: value),
    }));

    [Fact]
    public void Depth_and_length_are_bounded_and_a_repeated_member_counts_as_it_stands_last()
    {
        static string Deep(int levels) => $"{{\"a\":{new string('[', levels)}{new string(']', levels)}}}";

        Assert.NotNull(Read(Envelope(data: Deep(60))));
        Assert.Null(Read(Envelope(data: Deep(100_000))));
        Assert.Null(Read(Envelope(id: $"\"{new string('e', 101)}\"")));
        Assert.Equal("evt_2", Read("""{ "event_id": "evt_1", "event_type": "t", "occurred_at": "2026-01-01T00:00:00Z", "data": {}, "event_id": "evt_2" }""")?.EventId);
        Assert.Null(Read(Envelope() + "{}"));
        Assert.Null(PaddleEvent.TryRead([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Envelope())]));
    }

    [Fact]
    public void No_body_makes_reading_throw()
    {
        var piece = Gen.OneOf(
            Gen.OneOf<string>([.. new[]
            {
                "{", "}", "[", "]", ",", ":", "\"", "\"event_id\":", "\"event_type\":", "\"occurred_at\":", "\"data\":", "\"e\"", "{}", "null", "1e400", "-", "\\u0000", "\\ud800", "\"2026-01-01T00:00:00Z\"",
            }.Select(value => Gen.Const(value))]),
            Gen.String[0, 5]);
        var text = piece.Array[0, 30].Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)));
        var bytes = Gen.Byte.Array[0, 200];
        // A good envelope in which some bytes are others.
        var broken = Gen.Select(Gen.Int[0, 90], Gen.Byte).Array[1, 4].Select(changes =>
        {
            var envelope = Encoding.UTF8.GetBytes(Envelope());
            foreach (var (at, value) in changes)
            {
                envelope[at % envelope.Length] = value;
            }

            return envelope;
        });

        Gen.OneOf(text, bytes, broken).Sample(
            body => PaddleEvent.TryRead(body) is null or { EventId.Length: > 0, EventType.Length: > 0, Data.ValueKind: System.Text.Json.JsonValueKind.Object },
            iter: 20_000);
    }

    private static PaddleEvent? Read(string body) => PaddleEvent.TryRead(Encoding.UTF8.GetBytes(body));

    private static string Envelope(string id = "\"evt_1\"", string type = "\"t\"", string at = "\"2026-01-01T00:00:00Z\"", string data = "{}") =>
        $$"""{ "event_id": {{id}}, "event_type": {{type}}, "occurred_at": {{at}}, "data": {{data}} }""";
}
