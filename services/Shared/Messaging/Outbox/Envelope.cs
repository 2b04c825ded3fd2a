using System.Buffers;
using System.Text.Json;

namespace BotGeneric.Messaging.Outbox;

/// <summary>
/// MassTransit's JSON envelope (<c>application/vnd.masstransit+json</c>) around an event that is already JSON. Written here so that a row
/// goes to the broker without being parsed into an object and serialised again.
/// </summary>
internal static class Envelope
{
    public const string ContentType = "application/vnd.masstransit+json";
    public const string UrnPrefix = "urn:message:";

    /// <summary>The envelope's bytes.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static ReadOnlyMemory<byte> Write(OutboxRow row, DateTimeOffset sentTime)
    {
        var buffer = new ArrayBufferWriter<byte>(row.Body.Length + 512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("messageId"u8, row.Id);
        json.WriteString("conversationId"u8, row.Id);
        json.WriteStartArray("messageType"u8);
        json.WriteStringValue(UrnPrefix + row.Type);
        json.WriteEndArray();
        json.WritePropertyName("message"u8);
        json.WriteRawValue(row.Body);
        json.WriteString("sentTime"u8, sentTime.UtcDateTime);
        json.WriteStartObject("headers"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
