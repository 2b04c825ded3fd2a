using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.Persistence;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Simulators.Paddle.Control;

/// <summary>What tests ask of the simulated Paddle, apart from what the real one has: the clock, scenarios, trouble.</summary>
public static class PaddleControl
{
    private const int MaximumBodyBytes = 64 * 1024;

    /// <summary>Maps <c>/paddle/control</c>.</summary>
    /// <param name="app">The simulators.</param>
    internal static void MapPaddleControl(this IEndpointRouteBuilder app)
    {
        // On this machine only, and under no name that a foreign page could have given it.
        var group = app.MapGroup(PaddlePaths.Control).WithTags("Paddle").AllowAnonymous().RequireHost("localhost", "127.0.0.1")
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        group.MapGet("/clock", GetClock).WithSummary("What time it is at the simulated Paddle");
        group.MapPost("/clock", MoveClock).WithSummary("Move the clock ahead and do what is due on the way");
        group.MapPost("/scenarios/{name}", Play).WithSummary("Play a scenario at once");
        group.MapGet("/state", GetState).WithSummary("Everything that the simulated Paddle knows");
        group.MapPost("/reset", Reset).WithSummary("Go back to the state of the start");
        group.MapPost("/api-faults", AddFault).WithSummary("Make the next calls of the API go wrong");
        group.MapDelete("/api-faults", ClearFaults).WithSummary("Let the API work again");
        group.MapPut("/api-latency", SetLatency).WithSummary("Make every call of the API slower");
        group.MapDeliveryControl();
        group.MapBuyerControl();
    }

    /// <summary>The time, and how far it is ahead of the machine's clock.</summary>
    private static Ok<ClockState> GetClock(PaddleEngine engine, PaddleWorld world) =>
        TypedResults.Ok(engine.Run(() => new ClockState(world.Clock.Now, world.Clock.Offset, 0)));

    /// <summary>Moves the clock ahead, never back. Everything that is due on the way happens in its order, at its time.</summary>
    private static Results<Ok<ClockState>, ProblemHttpResult> MoveClock(ClockRequest request, PaddleEngine engine, PaddleWorld world, PaddleSchedule schedule, DeliveryQueue queue)
    {
        if (request.AdvanceBy is null == request.To is null)
        {
            return ApiProblems.Invalid("advanceBy", "Send either advanceBy, such as 30.00:00:00, or to.");
        }

        return engine.Run<Results<Ok<ClockState>, ProblemHttpResult>>(() =>
        {
            var target = request.To ?? world.Clock.Now + request.AdvanceBy!.Value;
            if (target < world.Clock.Now || target > world.Clock.Now.AddYears(10))
            {
                return ApiProblems.Invalid(request.To is null ? "advanceBy" : "to", "The clock moves ahead only, and by 10 years at most.");
            }

            var count = schedule.AdvanceTo(target.ToUniversalTime());
            queue.Pulse();
            return TypedResults.Ok(new ClockState(world.Clock.Now, world.Clock.Offset, count));
        });
    }

    /// <summary>Plays one of subscription_creation, renewal, dunning_recovered, dunning_exhausted, pause, resume, cancellation, refund, chargeback, chargeback_reverse.</summary>
    private static Results<Ok<ScenarioResult>, ProblemHttpResult> Play(string name, ScenarioRequest request, PaddleEngine engine, PaddleScenarios scenarios)
    {
        if (!PaddleScenarios.Names.Contains(name, StringComparer.Ordinal))
        {
            return ApiProblems.NotFound($"There is no such scenario. There are {string.Join(", ", PaddleScenarios.Names)}.");
        }

        var (result, problem) = engine.Run(() => scenarios.Play(name, request));
        return result is not null ? TypedResults.Ok(result) : ApiProblems.Conflict(problem!);
    }

    /// <summary>Entities as the API shows them, and how deliveries stand.</summary>
    private static ContentHttpResult GetState(PaddleEngine engine, PaddleWorld world, DeliveryQueue queue) =>
        TypedResults.Content(engine.Run(() => StateDump.Of(world, queue).ToJsonString()), "application/json");

    /// <summary>Forgets everything but the configuration. What is on its way arrives all the same.</summary>
    private static NoContent Reset(PaddleEngine engine, PaddleWorld world, EventLog events, DeliveryQueue queue, PaddleFaults faults, PaddleRateLimit limit, WorldJournal journal)
    {
        engine.Run(() =>
        {
            world.Clear();
            events.Reset();
            queue.Reset();
            CatalogueSeed.Sow(world);
            journal.Replace();
            return 0;
        });
        faults.Clear();
        limit.Clear();
        return TypedResults.NoContent();
    }

    /// <summary>The next calls that match answer an error, or are cut off after their work was done.</summary>
    private static Results<NoContent, ProblemHttpResult> AddFault(ApiFault fault, PaddleFaults faults)
    {
        if (fault.Count < 1)
        {
            return ApiProblems.Invalid("count", "Send a number of at least 1.");
        }

        if (fault.Status is < 400 or > 599)
        {
            return ApiProblems.Invalid("status", "Send 400 to 599.");
        }

        faults.Add(fault);
        return TypedResults.NoContent();
    }

    /// <summary>Takes back what was set to go wrong, latency included.</summary>
    private static NoContent ClearFaults(PaddleFaults faults)
    {
        faults.Clear();
        return TypedResults.NoContent();
    }

    /// <summary>From now on every call of the API waits first.</summary>
    private static Results<NoContent, ProblemHttpResult> SetLatency(LatencyRequest request, PaddleFaults faults)
    {
        if (request.Milliseconds is < 0 or > 120_000)
        {
            return ApiProblems.Invalid("milliseconds", "Send 0 to 120000.");
        }

        faults.Latency = TimeSpan.FromMilliseconds(request.Milliseconds);
        return TypedResults.NoContent();
    }
}

/// <summary>How the clock is moved.</summary>
/// <param name="AdvanceBy">By how much, such as <c>30.00:00:00</c>.</param>
/// <param name="To">Until when.</param>
public sealed record ClockRequest(TimeSpan? AdvanceBy = null, DateTimeOffset? To = null);

/// <summary>The clock.</summary>
/// <param name="Now">The time at the simulated Paddle.</param>
/// <param name="Offset">How far it is ahead of the machine's clock.</param>
/// <param name="Ran">How many things were due on the way.</param>
public sealed record ClockState(DateTimeOffset Now, TimeSpan Offset, int Ran);

/// <summary>How slow the API is.</summary>
/// <param name="Milliseconds">How long every call waits.</param>
public sealed record LatencyRequest(int Milliseconds);
