using System.Diagnostics;
using BotGeneric.Contracts;

namespace BotGeneric.Messaging.Inbox;

/// <summary>
/// A span for each message, in the trace of the message. One message: its span is current. Many: their traces differ, so a span of the batch
/// is current, linked to all of them.
/// </summary>
internal sealed class ConsumeActivities<TEvent> : IDisposable
    where TEvent : class, IIntegrationEvent
{
    private readonly Activity? _before = Activity.Current;
    private readonly Activity?[] _each;
    private readonly Activity? _batch;

    public ConsumeActivities(string queue, IReadOnlyList<IncomingMessage<TEvent>> messages)
    {
        _each = new Activity?[messages.Count];
        var events = new ReceivedEvent<TEvent>[messages.Count];
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var activity = MessagingDiagnostics.Activities.StartActivity($"consume {queue}", ActivityKind.Consumer, message.Trace);
            activity?.SetTag("messaging.system", "rabbitmq")
                .SetTag("messaging.destination.name", queue)
                .SetTag("messaging.message.id", message.Event.EventId.ToString());
            _each[i] = activity;
            events[i] = new ReceivedEvent<TEvent>(message.Event, activity?.Context ?? message.Trace);
        }

        Events = events;
        if (messages.Count == 1)
            return;

        Activity.Current = null;
        _batch = MessagingDiagnostics.Activities.StartActivity(
            $"consume batch {queue}", ActivityKind.Consumer, parentContext: default, links: events.Where(e => e.Trace != default).Select(e => new ActivityLink(e.Trace)));
        _batch?.SetTag("messaging.batch.message_count", messages.Count);
    }

    /// <summary>The events with the spans that handle them.</summary>
    public IReadOnlyList<ReceivedEvent<TEvent>> Events { get; }

    public void Failed(int index, Exception exception) =>
        _each[index]?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);

    public void Dispose()
    {
        _batch?.Dispose();
        foreach (var activity in _each)
            activity?.Dispose();
        // Ending a span makes its parent current, and these ended in no particular order.
        Activity.Current = _before;
    }
}
