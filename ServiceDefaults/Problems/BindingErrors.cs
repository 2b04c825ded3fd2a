using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// Says in the caller's terms what the framework says in those of C#: which parameter is missing or cannot be read, and what to send.
/// </summary>
internal static partial class BindingErrors
{
    internal static HttpValidationProblemDetails? TryDescribe(BadHttpRequestException exception)
    {
        var match = Unreadable().Match(exception.Message);
        if (!match.Success)
        {
            match = Missing().Match(exception.Message);
        }

        return match.Success
            ? new HttpValidationProblemDetails(new Dictionary<string, string[]> { [match.Groups["name"].Value] = [Advice(match.Groups["type"].Value)] })
            {
                Status = StatusCodes.Status400BadRequest,
                Title = null,
            }
            : null;
    }

    private static string Advice(string type) => type switch
    {
        _ when type.Contains("Guid", StringComparison.Ordinal) => "Send a UUID, such as 0192f0c1-2345-7abc-8def-0123456789ab.",
        _ when type.Contains("DateTimeOffset", StringComparison.Ordinal) => "Send an RFC 3339 time, such as 2026-01-31T00:00:00Z.",
        _ when type.Contains("EnumParameter", StringComparison.Ordinal) => "Send one of the values that the API's documentation names, in lower case.",
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "Send true or false.",
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase) || type.Contains("long", StringComparison.Ordinal) => "Send a whole number.",
        _ => "Send a value.",
    };

    [GeneratedRegex("^Failed to bind parameter \"(?<type>.+) (?<name>[A-Za-z0-9_]+)\" from", RegexOptions.CultureInvariant)]
    private static partial Regex Unreadable();

    [GeneratedRegex("^Required parameter \"(?<type>.+) (?<name>[A-Za-z0-9_]+)\" was not provided from (?:query string|route|header)", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();
}
