using System.Text.Json;
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
        // A body that cannot be bound throws in every environment, so that the handler below can name the field.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }
}

/// <summary>
/// Turns the exceptions that are not bugs into their problem: a request that cannot be read, a lost race, a dependency that is away.
/// Everything else stays 500 and tells the caller nothing but the trace id.
/// </summary>
/// <param name="problems">Writes the answer.</param>
/// <param name="logger">Gets what the caller must not see.</param>
internal sealed partial class ApiExceptionHandler(IProblemDetailsService problems, ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var details = Describe(exception);
        if (details.Status >= 500)
        {
            LogFailure(logger, exception, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName ?? httpContext.Request.Method);
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
        BadHttpRequestException { InnerException: JsonException json } => DescribeJson(json),
        BadHttpRequestException bad when BindingErrors.TryDescribe(bad) is { } binding => binding,
        BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode, Detail = bad.Message },
        DbUpdateConcurrencyException => new ProblemDetails
        {
            Status = StatusCodes.Status409Conflict,
            Detail = "It was changed by somebody else meanwhile. Read it again and repeat your change.",
        },
        RedisConnectionException or RedisTimeoutException => Away("The cache"),
        // Entity Framework wraps what the driver says once or twice, depending on the operation.
        _ when Causes(exception).Any(cause => cause is NpgsqlException { IsTransient: true }) => Away("The database"),
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
        Detail = $"{dependency} is not answering at the moment. What was asked may or may not have been carried out; look before you repeat it, or repeat it with the same Idempotency-Key.",
    };

    private static HttpValidationProblemDetails DescribeJson(JsonException json)
    {
        var path = string.IsNullOrEmpty(json.Path) ? "$" : json.Path;
        // The serializer's message names CLR types and repeats its position after " Path:"; neither is the caller's business.
        var message = json switch
        {
            _ when json.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal) => "This member is unknown. Remove it or correct its name.",
            { InnerException: InvalidOperationException { Message: var reason } } when reason.EndsWith("as a string.", StringComparison.Ordinal) => "Send text, in quotes.",
            _ when json.Message.Contains("could not be converted to", StringComparison.Ordinal) => "This value is not of the documented type.",
            _ => json.Message.Split(" Path:", 2)[0],
        };
        return new HttpValidationProblemDetails(new Dictionary<string, string[]> { [path] = [message] })
        {
            Status = StatusCodes.Status400BadRequest,
            Title = null,
            Detail = "The body is not JSON of the documented shape.",
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Endpoint} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string endpoint);
}
