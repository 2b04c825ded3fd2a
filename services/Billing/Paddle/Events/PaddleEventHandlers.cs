using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.Billing.Mirror;

namespace BotGeneric.Billing.Paddle.Events;

/// <summary>All of <c>subscription.*</c>. The name of the event decides nothing: it is a snapshot like the others.</summary>
internal sealed class SubscriptionEvents(SubscriptionMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddleSubscription), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>transaction.*</c>.</summary>
internal sealed class TransactionEvents(TransactionMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddleTransaction), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>adjustment.*</c>. What an adjustment means follows from its action and status, which its events lag behind.</summary>
internal sealed class AdjustmentEvents(AdjustmentMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddleAdjustment), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>customer.*</c>.</summary>
internal sealed class CustomerEvents(CustomerMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddleCustomer), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>payment_method.*</c>.</summary>
internal sealed class PaymentMethodEvents(CustomerMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddlePaymentMethod), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>product.*</c>.</summary>
internal sealed class ProductEvents(CatalogueMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddleProduct), paddleEvent.Origin(), cancellationToken);
}

/// <summary>All of <c>price.*</c>.</summary>
internal sealed class PriceEvents(CatalogueMirror mirror) : IPaddleEventHandler
{
    public Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken) =>
        mirror.ApplyAsync(paddleEvent.Read(PaddleJson.Default.PaddlePrice), paddleEvent.Origin(), cancellationToken);
}

/// <summary>What every family does first.</summary>
internal static class PaddleEventReading
{
    internal static T Read<T>(this PaddleEvent paddleEvent, JsonTypeInfo<T> type)
        where T : class =>
        paddleEvent.Data.Deserialize(type) ?? throw new JsonException($"The event {paddleEvent.EventType} has no entity.");

    internal static SnapshotOrigin Origin(this PaddleEvent paddleEvent) => new(paddleEvent.EventId, paddleEvent.EventType, paddleEvent.OccurredAt);
}
