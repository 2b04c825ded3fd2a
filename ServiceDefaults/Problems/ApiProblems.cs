using System.Diagnostics;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>Problem details for expected failures. A handler returns them; it does not throw.</summary>
public static class ApiProblems
{
    /// <summary>A problem with the standard type and title of its status.</summary>
    /// <param name="status">An HTTP status of 400 or more.</param>
    /// <param name="detail">What is wrong here and what to do, in one or two sentences.</param>
    /// <param name="type">A stable type, when the status' own says too little.</param>
    /// <returns>A result that a handler can return.</returns>
    public static ProblemHttpResult Problem(int status, string detail, string? type = null)
    {
        var details = new ProblemDetails { Status = status, Detail = detail, Type = type };
        Complete(details);
        return TypedResults.Problem(details);
    }

    /// <summary>400 that names the fields at fault.</summary>
    /// <param name="errors">For each field, in camelCase with its path, what is wrong with it.</param>
    /// <returns>A result that a handler can return.</returns>
    public static ProblemHttpResult Invalid(IDictionary<string, string[]> errors)
    {
        var details = new HttpValidationProblemDetails(errors) { Status = StatusCodes.Status400BadRequest, Title = null };
        Complete(details);
        return TypedResults.Problem(details);
    }

    /// <summary>400 for one field.</summary>
    /// <param name="field">The field, in camelCase with its path.</param>
    /// <param name="error">What is wrong with it and what to send instead.</param>
    /// <returns>A result that a handler can return.</returns>
    public static ProblemHttpResult Invalid(string field, string error) =>
        Invalid(new Dictionary<string, string[]> { [field] = [error] });

    /// <summary>404. The same answer whether the thing does not exist or belongs to somebody else.</summary>
    /// <param name="detail">What was looked for.</param>
    /// <returns>A result that a handler can return.</returns>
    public static ProblemHttpResult NotFound(string detail) => Problem(StatusCodes.Status404NotFound, detail);

    /// <summary>409: the request collides with the present state.</summary>
    /// <param name="detail">With what it collides.</param>
    /// <returns>A result that a handler can return.</returns>
    public static ProblemHttpResult Conflict(string detail) => Problem(StatusCodes.Status409Conflict, detail);

    /// <summary>Gives a problem the members that every one of ours has: type, localized title, <c>traceId</c>.</summary>
    /// <param name="details">The problem.</param>
    internal static void Complete(ProblemDetails details)
    {
        var status = details.Status ?? StatusCodes.Status500InternalServerError;
        // The framework fills in a link to RFC 9110; ours is a name that clients can branch on.
        if (details.Type is null || !details.Type.StartsWith("urn:", StringComparison.Ordinal))
        {
            details.Type = ProblemTypes.Of(status);
        }

        if (details.Type == ProblemTypes.Unauthenticated)
        {
            details.Detail ??= AccessTexts.TokenMissing;
        }

        // Refused before any handler was chosen, by the framework, which gives no reason.
        details.Detail ??= details.Type switch
        {
            ProblemTypes.UnsupportedMediaType => ProblemAdvice.Get("media-type-other"),
            ProblemTypes.TooLarge => ProblemAdvice.Get("body-large"),
            _ => null,
        };

        details.Title = ProblemTexts.Title(details.Type) ?? details.Title ?? ProblemTexts.Title(ProblemTypes.Of(status));
        if (Activity.Current is { } activity)
        {
            details.Extensions["traceId"] = activity.TraceId.ToHexString();
        }
    }
}
