using BotGeneric.Messaging.Inbox;
using MassTransit;

namespace BotGeneric.Messaging.DeadLetters;

/// <summary>
/// What MassTransit does with a message that it could not read: the dead-letter table instead of its <c>_error</c> queue, where an admin would
/// need access to the broker to see it.
/// </summary>
internal sealed class UnreadableMessageFilter(string queue, DeadLetterWriter deadLetters, TimeProvider time) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // A consumer takes care of its failures itself; when it throws, the message is to come again, and MassTransit returns what fails here.
        if (GiveBackException.IsIn(context.Exception))
            throw new GiveBackException(context.Exception);

        var failure = new ConsumeFailure(queue, DeliveryHeaders.MessageId(context), null, context.Exception, 1, time.GetUtcNow());
        await deadLetters.WriteAsync(failure, context, context.CancellationToken);
        // Else MassTransit takes it for a message that nobody wanted, and hands it to the filter below as well.
        await context.NotifyFaulted(context.Exception);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetter");
}

/// <summary>The same for a message that is of a type that nobody here consumes: the <c>_skipped</c> queue of MassTransit.</summary>
internal sealed class UnexpectedMessageFilter(string queue, DeadLetterWriter deadLetters, TimeProvider time) : IFilter<ReceiveContext>
{
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var failure = new ConsumeFailure(
            queue, DeliveryHeaders.MessageId(context), null, new UnprocessableEventException("No handler takes a message of this type."), 1, time.GetUtcNow());
        await deadLetters.WriteAsync(failure, context, context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetter");
}
