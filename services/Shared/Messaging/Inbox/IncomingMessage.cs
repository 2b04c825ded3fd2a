using System.Diagnostics;
using BotGeneric.Contracts;
using MassTransit;

namespace BotGeneric.Messaging.Inbox;

/// <summary>What is needed of a delivery once MassTransit has read it, and if it becomes a dead letter.</summary>
/// <param name="Event">The event.</param>
/// <param name="Trace">The span that published it.</param>
/// <param name="Receive">The delivery as it came.</param>
internal sealed record IncomingMessage<TEvent>(TEvent Event, ActivityContext Trace, ReceiveContext Receive)
    where TEvent : class, IIntegrationEvent
{
    public static IncomingMessage<TEvent> From(ConsumeContext<TEvent> context) =>
        new(context.Message, DeliveryHeaders.Trace(context.ReceiveContext), context.ReceiveContext);
}

/// <summary>Reads the broker's headers of a delivery.</summary>
internal static class DeliveryHeaders
{
    public static ActivityContext Trace(ReceiveContext receive) =>
        TraceContext.Parse(Text(receive, TraceContext.ParentHeader) ?? Text(receive, TraceContext.MassTransitHeader), Text(receive, TraceContext.StateHeader));

    public static Guid? MessageId(ReceiveContext receive) =>
        Guid.TryParse(Text(receive, nameof(MessageContext.MessageId)), out var id) ? id : null;

    public static Dictionary<string, string?> All(ReceiveContext receive) =>
        receive.TransportHeaders.GetAll().GroupBy(h => h.Key).ToDictionary(g => g.Key, g => g.Last().Value?.ToString());

    private static string? Text(ReceiveContext receive, string header) =>
        receive.TransportHeaders.TryGetHeader(header, out var value) ? value?.ToString() : null;
}
