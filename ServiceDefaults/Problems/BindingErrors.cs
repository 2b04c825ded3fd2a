using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// Says in the caller's terms what the framework says in those of C#: which parameter is missing or cannot be read, and what to send.
/// </summary>
internal static partial class BindingErrors
{
    internal static HttpValidationProblemDetails? TryDescribe(BadHttpRequestException exception, Endpoint? endpoint)
    {
        var match = Unreadable().Match(exception.Message);
        var isMissing = !match.Success;
        if (isMissing)
        {
            match = Missing().Match(exception.Message);
        }

        if (!match.Success)
        {
            return null;
        }

        var name = match.Groups["name"].Value;
        var parameter = endpoint?.Metadata.OfType<IParameterBindingMetadata>().FirstOrDefault(known => known.Name == name)?.ParameterInfo;
        var advice = Expectation.InAddress(parameter?.ParameterType, isMissing ? null : match.Groups["sent"].Value);
        return new HttpValidationProblemDetails(new Dictionary<string, string[]>
        {
            [NameOf(parameter) ?? JsonNamingPolicy.CamelCase.ConvertName(name)] = [isMissing ? $"{ProblemAdvice.Get("missing")} {advice}" : advice],
        })
        {
            Status = StatusCodes.Status400BadRequest,
            Title = null,
        };
    }

    // What the parameter is called where it is sent, when that is not what the program calls it.
    private static string? NameOf(ParameterInfo? parameter)
    {
        var attributes = parameter?.GetCustomAttributes(inherit: true) ?? [];
        return attributes.OfType<IFromQueryMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromHeaderMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromRouteMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromFormMetadata>().FirstOrDefault()?.Name;
    }

    [GeneratedRegex("^Failed to bind parameter \".+ (?<name>[A-Za-z0-9_]+)\" from \"(?<sent>.*)\"\\.$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Unreadable();

    [GeneratedRegex(
        "^Required parameter \".+ (?<name>[A-Za-z0-9_]+)\" was not provided from (?:query string|route|header|form|route or query string)", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();
}
