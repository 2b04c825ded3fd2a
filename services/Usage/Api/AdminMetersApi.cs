using System.ComponentModel;
using System.Text.RegularExpressions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Meters;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Usage.Api;

/// <summary>What is measured beside the calls of language models, for those who decide it.</summary>
public static partial class AdminMetersApi
{
    /// <summary>Maps <c>/api/admin/meters</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminMetersApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/meters").WithTags("Meters").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet(string.Empty, ListAsync).WithSummary("List meters");
        group.MapPost(string.Empty, CreateAsync).WithSummary("Create a meter").WithIdempotencyKey();
        group.MapPost("/{code}/archive", ArchiveAsync).WithSummary("Archive a meter");
    }

    /// <summary>The operator's meters by code, archived ones among them. The calls of language models are measured without one.</summary>
    internal static async Task<Results<Ok<Page<MeterSummary>>, ProblemHttpResult>> ListAsync(
        UsageDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Meters.AsNoTracking();
        if (request.After is { } after)
        {
            query = query.Where(meter => string.Compare(meter.Code, after.Code) > 0);
        }

        var meters = await query.OrderBy(meter => meter.Code).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<MeterSummary>.From([.. meters.Select(MeterSummary.Of)], request.Size, meter => new Position(meter.Code)));
    }

    /// <summary>
    /// Creates a meter over the events of a type. From then on such events are taken (within two seconds), and each needs the value that the meter measures. A meter does not
    /// change: what was told of it is not told anew. Archive it and create another one under another code. 409 for a code that exists.
    /// </summary>
    internal static async Task<Results<Created<MeterSummary>, ProblemHttpResult>> CreateAsync(
        NewMeter body, UsageDbContext db, MeterCatalogue catalogue, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var errors = Validate(body);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        var meter = new Meter
        {
            Code = body.Code,
            EventType = body.EventType,
            Aggregation = body.Aggregation,
            ValueProperty = body.ValueProperty,
            Dimensions = body.Dimensions ?? [],
            Unit = body.Unit,
            CreatedAt = timeProvider.GetUtcNow(),
        };
        db.Meters.Add(meter);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return ApiProblems.Conflict($"There is a meter with the code '{body.Code}', perhaps an archived one. A meter does not change: use another code.");
        }

        catalogue.Forget();
        return TypedResults.Created($"/api/admin/meters/{meter.Code}", MeterSummary.Of(meter));
    }

    /// <summary>
    /// Ends a meter. Its events are refused from then on (within two seconds), unless another meter measures the same type. What was recorded stays, and the code stays taken. Safe to
    /// repeat.
    /// </summary>
    internal static async Task<Results<Ok<MeterSummary>, ProblemHttpResult>> ArchiveAsync(
        string code, UsageDbContext db, MeterCatalogue catalogue, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (await db.Meters.SingleOrDefaultAsync(candidate => candidate.Code == code, cancellationToken) is not { } meter)
        {
            return ApiProblems.NotFound("There is no such meter.");
        }

        if (meter.Archive(timeProvider.GetUtcNow()))
        {
            await db.SaveChangesAsync(cancellationToken);
            catalogue.Forget();
        }

        return TypedResults.Ok(MeterSummary.Of(meter));
    }

    private static Dictionary<string, string[]> Validate(NewMeter meter)
    {
        var errors = new Dictionary<string, string[]>();
        if (!CodePattern().IsMatch(meter.Code) || Contracts.Meters.All.Contains(meter.Code, StringComparer.Ordinal))
        {
            errors["code"] = ["Send 1 to 100 lower-case letters, digits, dots, dashes and underscores that begin with a letter. Codes that begin with llm. are ours."];
        }

        if (meter.EventType is not { Length: > 0 and <= CloudEventLimits.MaximumTypeLength } || meter.EventType == LedgerEventTypes.LlmCall)
        {
            errors["eventType"] = [$"Send the type of the events, 1 to {CloudEventLimits.MaximumTypeLength} characters. {LedgerEventTypes.LlmCall} is measured without a meter."];
        }

        if (meter.Aggregation == MeterAggregation.Count ? meter.ValueProperty is not null : !IsPath(meter.ValueProperty))
        {
            errors["valueProperty"] = ["Send the path of the value within data, such as image.pixels; none for count."];
        }

        if (meter.Dimensions is { } dimensions
            && (dimensions.Count > Meter.MaximumDimensions || !dimensions.All(IsPath) || dimensions.Distinct(StringComparer.Ordinal).Count() != dimensions.Count))
        {
            errors["dimensions"] = [$"Send at most {Meter.MaximumDimensions} different paths within data."];
        }

        if (meter.Unit is { } unit && unit.Length is 0 or > Meter.MaximumNameLength)
        {
            errors["unit"] = [$"Send 1 to {Meter.MaximumNameLength} characters, or nothing."];
        }

        return errors;
    }

    private static bool IsPath(string? path) => path is { Length: <= Meter.MaximumNameLength } && PathPattern().IsMatch(path);

    [GeneratedRegex(@"^(?!llm\.)[a-z][a-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();

    private sealed record Position(string Code);
}

/// <summary>A meter to be created.</summary>
/// <param name="Code">The code by which limits and queries name it: lower-case letters, digits, dots, dashes and underscores.</param>
/// <param name="EventType">The CloudEvents <c>type</c> of its events.</param>
/// <param name="Aggregation">How the values become one number.</param>
/// <param name="ValueProperty">Path of the value within <c>data</c>, such as <c>image.pixels</c>: a JSON number or a decimal text; for <c>unique</c> also any text. None for <c>count</c>.</param>
/// <param name="Dimensions">Paths within <c>data</c> by which a query may group, at most 10.</param>
/// <param name="Unit">What a value is, such as <c>pixels</c>; for people.</param>
public sealed record NewMeter(
    string Code, string EventType, MeterAggregation Aggregation, string? ValueProperty = null, IReadOnlyList<string>? Dimensions = null, string? Unit = null);

/// <summary>A meter of the operator.</summary>
/// <param name="Code">The code by which limits and queries name it.</param>
/// <param name="EventType">The CloudEvents <c>type</c> of its events.</param>
/// <param name="Aggregation">How the values become one number.</param>
/// <param name="ValueProperty">Path of the value within <c>data</c>; null for <c>count</c>.</param>
/// <param name="Dimensions">Paths within <c>data</c> by which a query may group.</param>
/// <param name="Unit">What a value is.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="ArchivedAt">Since when it measures nothing any more, UTC; null while it does.</param>
public sealed record MeterSummary(
    string Code,
    string EventType,
    MeterAggregation Aggregation,
    string? ValueProperty,
    IReadOnlyList<string> Dimensions,
    string? Unit,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ArchivedAt)
{
    internal static MeterSummary Of(Meter meter) => new(
        meter.Code, meter.EventType, meter.Aggregation, meter.ValueProperty, meter.Dimensions, meter.Unit, meter.CreatedAt, meter.ArchivedAt);
}
