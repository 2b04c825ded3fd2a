using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>Refuses a query with the character U+0000, which no text in PostgreSQL can have: it would fail wherever it is compared with one.</summary>
internal static class StorableText
{
    private const int LongestName = 100;

    internal static void UseStorableQueries(this WebApplication app) => app.Use((context, next) =>
        context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) is true ? RefuseAsync(context) : next(context));

    private static Task RefuseAsync(HttpContext context)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, values) in context.Request.Query)
        {
            if (HasZero(name) || values.Any(HasZero))
            {
                errors[name.Length > LongestName ? name[..LongestName] : name] = [ProblemAdvice.Get("zero-character")];
            }
        }

        return ApiProblems.Invalid(errors).ExecuteAsync(context);
    }

    private static bool HasZero(string? text) => text?.Contains('\0', StringComparison.Ordinal) is true;
}
