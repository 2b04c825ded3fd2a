using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// Writes the problems of the API as JSON, whatever the caller accepts. The framework's own writer leaves an error without one when only HTML is
/// accepted, as by a browser that was led to an address of the API: an error that says what it is serves everybody better.
/// </summary>
internal sealed class ApiProblemWriter : IProblemDetailsWriter
{
    private static readonly PathString[] Roots = ["/api", "/v1"];

    public bool CanWrite(ProblemDetailsContext context) =>
        Array.Exists(Roots, root => context.HttpContext.Request.Path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (response, details) = (context.HttpContext.Response, context.ProblemDetails);
        details.Status ??= response.StatusCode;
        ApiProblems.Complete(details);
        return new ValueTask(response.WriteAsJsonAsync(
            details, details.GetType(), options: null, contentType: "application/problem+json", context.HttpContext.RequestAborted));
    }
}
