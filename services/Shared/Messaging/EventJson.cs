using System.Text.Json;
using MassTransit.Serialization;

namespace BotGeneric.Messaging;

/// <summary>
/// The JSON of events: MassTransit's own options (camel case, decimals as strings), so that what the outbox writes is byte for byte what
/// MassTransit would put into its envelope, and what a replay reads is what a consumer reads.
/// </summary>
internal static class EventJson
{
    public static JsonSerializerOptions Options { get; } = new(SystemTextJsonMessageSerializer.Options) { WriteIndented = false };
}
