using BotGeneric.Billing.Mirror;

namespace BotGeneric.Billing.Paddle.Events;

/// <summary>Applies the events of one family: what is delivered about one kind of thing, always as a full snapshot of it.</summary>
internal interface IPaddleEventHandler
{
    /// <summary>Applies an event to what the context tracks; the caller saves and commits.</summary>
    /// <param name="paddleEvent">An event of the family.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    /// <exception cref="System.Text.Json.JsonException">The entity lacks what every one has.</exception>
    Task<MirrorOutcome> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken);
}
