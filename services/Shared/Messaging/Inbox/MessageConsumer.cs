using BotGeneric.Contracts;
using BotGeneric.Messaging.DeadLetters;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Inbox;

/// <summary>
/// Takes messages to their end: an effect, the knowledge that they had their effect before, or a dead letter. It returns when that is
/// committed, and only then are they acknowledged. It throws only when they are to be delivered again.
/// </summary>
internal sealed class MessageConsumer<TEvent, TDbContext>(
    string queue, InboxTransaction<TEvent, TDbContext> inbox, OutageHold hold, DeadLetterWriter deadLetters, IOptions<MessagingOptions> options,
    TimeProvider time, ILogger logger)
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext
{
    private readonly KeyValuePair<string, object?> _queueTag = new("queue", queue);

    /// <summary>Handles the messages, after putting aside those without an event id: nothing could tell whether they were handled before.</summary>
    public async Task ConsumeAsync(IReadOnlyList<IncomingMessage<TEvent>> messages, CancellationToken cancellationToken)
    {
        try
        {
            await SettleAsync(messages, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or GiveBackException))
        {
            // What a stopping process fails with (a disposed service, a closed pool) says nothing about the message.
            throw new GiveBackException(exception);
        }
    }

    private async Task SettleAsync(IReadOnlyList<IncomingMessage<TEvent>> messages, CancellationToken cancellationToken)
    {
        foreach (var anonymous in messages.Where(m => m.Event.EventId == Guid.Empty))
        {
            var failure = new ConsumeFailure(
                queue, DeliveryHeaders.MessageId(anonymous.Receive), EventName.Of(typeof(TEvent)), new UnprocessableEventException("The event has no id."),
                1, time.GetUtcNow());
            await deadLetters.WriteAsync(failure, anonymous.Receive, cancellationToken);
        }

        List<IncomingMessage<TEvent>> known = [.. messages.Where(m => m.Event.EventId != Guid.Empty)];
        if (known.Count > 0)
            await HandleAsync(known, cancellationToken);
    }

    /// <summary>Handles messages in one transaction, or, when that fails, each in its own, so that one that cannot succeed takes no other with it.</summary>
    private async Task HandleAsync(IReadOnlyList<IncomingMessage<TEvent>> messages, CancellationToken cancellationToken)
    {
        using var activities = new ConsumeActivities<TEvent>(queue, messages);
        if (messages.Count > 1)
        {
            try
            {
                await ApplyAsync(activities.Events, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not GiveBackException && !cancellationToken.IsCancellationRequested)
            {
                Log.BatchFellBack(logger, exception, queue, messages.Count);
                MessagingDiagnostics.ConsumeRetried.Add(messages.Count, _queueTag);
            }
        }

        for (var i = 0; i < messages.Count; i++)
            await ConsumeOneAsync(messages[i], activities, i, cancellationToken);
    }

    private async Task ConsumeOneAsync(IncomingMessage<TEvent> message, ConsumeActivities<TEvent> activities, int index, CancellationToken cancellationToken)
    {
        DateTimeOffset? firstFailure = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ApplyAsync([activities.Events[index]], cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not GiveBackException && !cancellationToken.IsCancellationRequested)
            {
                firstFailure ??= time.GetUtcNow();
                activities.Failed(index, exception);
                if (exception is UnprocessableEventException || attempt >= options.Value.ConsumeAttempts)
                {
                    var failure = new ConsumeFailure(queue, message.Event.EventId, EventName.Of(typeof(TEvent)), exception, attempt, firstFailure.Value);
                    await deadLetters.WriteAsync(failure, message.Receive, cancellationToken);
                    return;
                }

                Log.ConsumeFailed(logger, exception, queue, message.Event.EventId, attempt, options.Value.ConsumeAttempts);
                MessagingDiagnostics.ConsumeRetried.Add(1, _queueTag);
                var delay = Backoff.Exponential(options.Value.ConsumeRetryDelay, 3, attempt, options.Value.MaxConsumeRetryDelay);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    private async Task ApplyAsync(IReadOnlyList<ReceivedEvent<TEvent>> events, CancellationToken cancellationToken)
    {
        var fresh = await hold.RunAsync(queue, events.Count, () => inbox.ApplyAsync(events, null, cancellationToken), cancellationToken);
        MessagingDiagnostics.Consumed.Add(fresh, _queueTag);
        if (fresh < events.Count)
            MessagingDiagnostics.Duplicates.Add(events.Count - fresh, _queueTag);
    }
}
