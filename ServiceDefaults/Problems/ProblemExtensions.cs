using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>Registers RFC 9457 problem details as the one shape of every error.</summary>
internal static class ProblemExtensions
{
    internal static void AddApiProblemDetails(this WebApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context => ApiProblems.Complete(context.ProblemDetails));
        builder.Services.AddSingleton<IProblemDetailsWriter, ApiProblemWriter>();
        builder.Services.AddExceptionHandler<ApiExceptionHandler>();
        builder.Services.AddSingleton<RequestErrors>();
        // A body that cannot be bound throws in every environment, so that the handler below can name the field.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }
}

/// <summary>
/// Turns the exceptions that are not bugs into their problem: a request that cannot be read, a lost race, a dependency that is away.
/// Everything else stays 500 and tells the caller nothing but the trace id.
/// </summary>
/// <param name="problems">Writes the answer.</param>
/// <param name="requests">Says what is wrong with a request.</param>
/// <param name="logger">Gets what the caller must not see.</param>
internal sealed partial class ApiExceptionHandler(IProblemDetailsService problems, RequestErrors requests, ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var endpoint = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var details = requests.TryDescribe(exception, httpContext, endpoint) ?? Describe(exception);
        if (details.Status >= 500)
        {
            LogFailure(logger, exception, endpoint?.DisplayName ?? httpContext.Request.Method);
        }

        if (details.Status == StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = "5";
        }

        httpContext.Response.StatusCode = details.Status ?? StatusCodes.Status500InternalServerError;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details, Exception = exception });
    }

    private static ProblemDetails Describe(Exception exception) => exception switch
    {
        DbUpdateConcurrencyException => new ProblemDetails
        {
            Status = StatusCodes.Status409Conflict,
            Detail = ProblemAdvice.Get("changed"),
        },
        // PostgreSQL keeps no text with U+0000, and JSON can say it; looking for it in every text of every body would cost more than it is worth.
        _ when Causes(exception).Any(cause => cause is PostgresException
        { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter }) => new ProblemDetails
        {
            Status = StatusCodes.Status400BadRequest,
            Detail = ProblemAdvice.Get("zero-character-somewhere"),
        },
        RedisConnectionException or RedisTimeoutException => Away("cache-away"),
        // Entity Framework wraps what the driver says once or twice, depending on the operation.
        _ when Causes(exception).Any(cause => cause is NpgsqlException { IsTransient: true }) => Away("database-away"),
        _ => new ProblemDetails { Status = StatusCodes.Status500InternalServerError },
    };

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    private static ProblemDetails Away(string dependency) => new()
    {
        Status = StatusCodes.Status503ServiceUnavailable,
        Detail = $"{ProblemAdvice.Get(dependency)} {ProblemAdvice.Get("perhaps-done")}",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Endpoint} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string endpoint);
}
