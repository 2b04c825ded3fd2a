using System.Diagnostics;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.WebUi.Errors;

/// <summary>
/// Shows a problem as a page to somebody who asked for one. Everything that goes wrong is a problem at last, wherever it was noticed: this is the one
/// place in which it becomes HTML, so no page can forget it. The status stays.
/// </summary>
internal sealed class PageProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.WantsPage();

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        var status = context.ProblemDetails.Status ?? http.Response.StatusCode;
        // What was noticed in front of the pages, or threw, left the page's language and headers behind.
        PageLanguage.Use(await PageLanguage.OfErrorAsync(http));
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = PageHeaders.ContentSecurityPolicy;
        headers.CacheControl = "no-cache, no-store";
        headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var model = new ErrorModel(
            KindOf(context.ProblemDetails.Type, status),
            int.TryParse(headers.RetryAfter, out var seconds) ? seconds : null,
            Activity.Current?.TraceId.ToHexString(),
            Here(http.Request),
            CameFrom(http.Request));
        await new RazorComponentResult<ErrorPage>(new Dictionary<string, object?> { [nameof(ErrorPage.Model)] = model }) { StatusCode = status }.ExecuteAsync(http);
    }

    private static ErrorKind KindOf(string? type, int status) => status switch
    {
        _ when type == ProblemTypes.SignInFailed => ErrorKind.SignInFailed,
        _ when type == ProblemTypes.StaleForm => ErrorKind.StaleForm,
        StatusCodes.Status401Unauthorized => ErrorKind.SignedOut,
        StatusCodes.Status403Forbidden => ErrorKind.Forbidden,
        StatusCodes.Status404NotFound or StatusCodes.Status410Gone => ErrorKind.Missing,
        StatusCodes.Status405MethodNotAllowed => ErrorKind.FormOnly,
        StatusCodes.Status409Conflict => ErrorKind.Conflict,
        StatusCodes.Status413PayloadTooLarge => ErrorKind.TooLarge,
        StatusCodes.Status429TooManyRequests => ErrorKind.TooMany,
        StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout => ErrorKind.Broken,
        StatusCodes.Status503ServiceUnavailable => ErrorKind.Away,
        >= 500 => ErrorKind.Fault,
        _ => ErrorKind.Invalid,
    };

    // To repeat what only reads is harmless; what was sent by a form is not repeated by a link.
    private static string? Here(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) ? Local($"{request.PathBase}{request.Path}{request.QueryString}") : null;

    private static string? CameFrom(HttpRequest request)
    {
        if (!Uri.TryCreate(request.Headers.Referer, UriKind.Absolute, out var from)
            || !string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var back = Local(from.PathAndQuery);
        return back == Here(request) ? null : back;
    }

    // Two slashes at the beginning would be another site's address.
    private static string Local(string address) => "/" + address.TrimStart('/', '\\');
}
