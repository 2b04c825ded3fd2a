using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.DeadLetters;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace BotGeneric.Messaging;

/// <summary>Lets an admin see and replay the messages that a service has put aside.</summary>
public static class DeadLettersApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>
    /// Maps <c>/api/admin/messaging/{service}/dead-letters</c>: the list (newest first), one with its body, and the replay. Every route
    /// requires the admin policy.
    /// </summary>
    /// <param name="endpoints">The service's endpoints.</param>
    /// <param name="service">The service, as in <c>AddMessaging</c>, such as <c>billing</c>.</param>
    public static RouteGroupBuilder MapMessagingAdmin(this IEndpointRouteBuilder endpoints, string service)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        var group = endpoints.MapGroup($"/api/admin/messaging/{service}/dead-letters").RequireAuthorization(ApiPolicies.Admin).WithTags("Dead letters");
        group.MapGet("/", ListAsync).WithName($"{service}-dead-letters").WithSummary("List the messages that were put aside, the newest first");
        group.MapGet("/{id:guid}", GetAsync).WithName($"{service}-dead-letter").WithSummary("Show a message that was put aside, with its body");
        group.MapPost("/{id:guid}/replay", ReplayAsync).WithIdempotencyKey().WithName($"{service}-dead-letter-replay").WithSummary("Handle or publish the message again");
        return group;
    }

    private static async Task<Results<Ok<DeadLetterPage>, ProblemHttpResult>> ListAsync(
        NpgsqlDataSource dataSource,
        CancellationToken cancellationToken,
        [Description("publish or consume; both when left out")] string? direction = null,
        [Description("true: only replayed ones; false: only those that wait; both when left out")] bool? replayed = null,
        [Description("nextCursor of the page before")] string? cursor = null,
        [Description("1 to 200")] int limit = DefaultLimit)
    {
        var errors = new Dictionary<string, string[]>();
        if (direction is not (null or DeadLetterDirections.Publish or DeadLetterDirections.Consume))
            errors["direction"] = ["Must be 'publish' or 'consume'."];
        if (limit is < 1 or > MaxLimit)
            errors["limit"] = [$"Must be 1 to {MaxLimit}."];
        Guid? after = null;
        if (cursor is not null)
        {
            if (Guid.TryParseExact(cursor, "N", out var id))
                after = id;
            else
                errors["cursor"] = ["Is not a cursor of this list."];
        }

        if (errors.Count > 0)
            return ApiProblems.Invalid(errors);

        var letters = await DeadLetterSql.ListAsync(dataSource, direction, replayed, after, limit + 1, cancellationToken);
        var page = letters.Take(limit).Select(DeadLetterSummary.From).ToArray();
        return TypedResults.Ok(new DeadLetterPage(page, letters.Count > limit ? page[^1].Id.ToString("N") : null));
    }

    private static async Task<Results<Ok<DeadLetterDetails>, ProblemHttpResult>> GetAsync(
        Guid id, NpgsqlDataSource dataSource, MessagingRegistry registry, CancellationToken cancellationToken)
    {
        var letter = await DeadLetterSql.FindAsync(dataSource, id, cancellationToken);
        return letter is null
            ? Unknown(id)
            : TypedResults.Ok(new DeadLetterDetails(DeadLetterSummary.From(letter), ShownBody.Of(letter, registry.Routes), letter.Headers));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReplayAsync(
        Guid id, ClaimsPrincipal user, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        var by = Caller.Of(user).Subject;
        var (outcome, reason) = await replay.ReplayAsync(id, by, cancellationToken);
        return outcome switch
        {
            ReplayOutcome.Replayed => TypedResults.NoContent(),
            ReplayOutcome.NotFound => Unknown(id),
            ReplayOutcome.AlreadyReplayed => ApiProblems.Conflict("It was replayed before. A message is handled once."),
            _ => ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, $"It failed again: {reason}"),
        };
    }

    private static ProblemHttpResult Unknown(Guid id) => ApiProblems.NotFound($"There is no dead letter {id}.");
}

/// <summary>A page of dead letters.</summary>
/// <param name="Items">The dead letters, the newest first.</param>
/// <param name="NextCursor">Passed as <c>cursor</c> for the next page; null on the last.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterSummary> Items, string? NextCursor);

/// <summary>A message that was put aside.</summary>
/// <param name="Id">The dead letter.</param>
/// <param name="Direction"><c>publish</c> or <c>consume</c>.</param>
/// <param name="Queue">The queue it was in, or the exchange it was meant for.</param>
/// <param name="MessageId">The message, if it said so.</param>
/// <param name="Type">The event's name on the wire, as far as it is known.</param>
/// <param name="Error">What the last attempt failed with.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="FirstFailedAt">The first failure, UTC.</param>
/// <param name="LastFailedAt">The last failure, UTC.</param>
/// <param name="ReplayedAt">When it was replayed, UTC; null while it waits.</param>
/// <param name="ReplayedBy">Who replayed it.</param>
public sealed record DeadLetterSummary(
    Guid Id, string Direction, string Queue, Guid? MessageId, string? Type, string Error, int Attempts, DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt, DateTimeOffset? ReplayedAt, string? ReplayedBy)
{
    internal static DeadLetterSummary From(DeadLetter letter) => new(
        letter.Id, letter.Direction, letter.Queue, letter.MessageId, letter.Type, letter.Error, letter.Attempts, letter.FirstFailedAt, letter.LastFailedAt,
        letter.ReplayedAt, letter.ReplayedBy);
}

/// <summary>A message that was put aside, with what it carried.</summary>
/// <param name="Summary">What is known about it.</param>
/// <param name="Body">
/// The message as text; bytes that are not UTF-8 are replaced, and so are values that the event marks as sensitive (•••). A replay uses the message as it was.
/// </param>
/// <param name="Headers">The broker's headers as a JSON object, if it came from the broker.</param>
public sealed record DeadLetterDetails(DeadLetterSummary Summary, string Body, string? Headers);
