using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.Paddle.Control;

/// <summary>What tests do to the delivery of notifications.</summary>
public static class DeliveryControl
{
    private const int LongestWait = 120;

    internal static void MapDeliveryControl(this RouteGroupBuilder group)
    {
        group.MapGet("/deliveries", Get).WithSummary("How deliveries stand");
        group.MapPut("/deliveries", Set).WithSummary("Duplicate, delay, reorder, hold back or lose deliveries from now on");
        group.MapPost("/deliveries/release", Release).WithSummary("Let go what was held back");
        group.MapGet("/deliveries/settled", WaitAsync).WithSummary("Wait until everything has been delivered");
    }

    /// <summary>How deliveries stand.</summary>
    private static Ok<DeliveryState> Get(PaddleEngine engine, DeliveryQueue queue) => TypedResults.Ok(engine.Run(() => queue.State));

    /// <summary>Replaces what is done to deliveries; an empty object ends all of it, and lets go what was held back.</summary>
    private static Results<NoContent, ProblemHttpResult> Set(DeliveryBehaviour behaviour, PaddleEngine engine, DeliveryQueue queue)
    {
        if (behaviour.Duplicates is < 0 or > 20)
        {
            return ApiProblems.Invalid("duplicates", "Send 0 to 20.");
        }

        if (behaviour.DelaySeconds is < 0 or > 86_400 or double.NaN)
        {
            return ApiProblems.Invalid("delaySeconds", "Send 0 to 86400.");
        }

        if (behaviour.ReorderWindow < 0 || behaviour.DropNext < 0)
        {
            return ApiProblems.Invalid(behaviour.DropNext < 0 ? "dropNext" : "reorderWindow", "Send 0 or more.");
        }

        engine.Run(() => queue.Behaviour = behaviour);
        return TypedResults.NoContent();
    }

    /// <summary>Lets go what was held back, in its order or shuffled by the reorder window. What comes later is held back again.</summary>
    private static Ok<ReleasedDeliveries> Release(PaddleEngine engine, DeliveryQueue queue) =>
        TypedResults.Ok(new ReleasedDeliveries(engine.Run(queue.Release)));

    /// <summary>
    /// Answers as soon as nothing waits for its first attempt, or after the time. What is held back, or waits to be tried again, is not waited for.
    /// </summary>
    private static async Task<Results<Ok<DeliveryState>, ProblemHttpResult>> WaitAsync(
        PaddleEngine engine, PaddleWorld world, DeliveryQueue queue, CancellationToken cancellationToken, double timeoutSeconds = 30)
    {
        if (timeoutSeconds is not (>= 0 and <= LongestWait))
        {
            return ApiProblems.Invalid("timeoutSeconds", "Send 0 to 120.");
        }

        // By the machine's own clock: a test's may stand still.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(TimeSpan.FromSeconds(timeoutSeconds));
        engine.Tick();
        while (true)
        {
            DeliveryState state;
            Task changed;
            lock (world.Gate)
            {
                (state, changed) = (queue.State, queue.Changed);
            }

            if (state.Settled || enough.IsCancellationRequested)
            {
                return TypedResults.Ok(state);
            }

            try
            {
                await changed.WaitAsync(enough.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Answered above, with how it stands then.
            }
        }
    }
}

/// <summary>What was let go.</summary>
/// <param name="Count">How many deliveries.</param>
public sealed record ReleasedDeliveries(int Count);
