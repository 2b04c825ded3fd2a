using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.AppHost.Native;

/// <summary>Shows traces, as pages for people and as JSON for tools.</summary>
internal static class TracesPage
{
    private const int Listed = 200;
    private const string JsonSuffix = ".json";
    private const string Style = """
        body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark }
        table { border-collapse: collapse; width: 100% }
        th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid #8884; vertical-align: top }
        .error { color: #c00 }
        .track { position: relative; min-width: 20rem; height: 1.2rem }
        .bar { position: absolute; height: .8rem; top: .2rem; min-width: 2px; background: #4a80d9 }
        .error .bar { background: #c00 }
        """;

    public static Task ListAsync(HttpContext http, TraceStore traces, bool json)
    {
        var recent = traces.Recent(Listed);
        return json || WantsJson(http.Request) ? WriteJsonAsync(http, recent) : WriteHtmlAsync(http, "Traces", ListBody(recent));
    }

    public static Task OneAsync(HttpContext http, TraceStore traces)
    {
        var requested = (string)http.Request.RouteValues["traceId"]!;
        var asJson = requested.EndsWith(JsonSuffix, StringComparison.Ordinal);
        var traceId = (asJson ? requested[..^JsonSuffix.Length] : requested).ToLowerInvariant();
        var spans = traces.Find(traceId);
        if (spans.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }

        return asJson || WantsJson(http.Request)
            ? WriteJsonAsync(http, spans)
            : WriteHtmlAsync(http, spans.Count == 0 ? "No such trace" : $"Trace {traceId}", spans.Count == 0 ? "" : TraceBody(spans));
    }

    private static bool WantsJson(HttpRequest request) => request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal);

    private static Task WriteJsonAsync<T>(HttpContext http, T value) =>
        http.Response.WriteAsJsonAsync(value, StateFile.Json, http.RequestAborted);

    private static Task WriteHtmlAsync(HttpContext http, string title, string body)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(
            $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{Encode(title)}</title><style>{Style}</style>"
            + $"<h1>{Encode(title)}</h1>{body}</html>", http.RequestAborted);
    }

    private static string ListBody(IReadOnlyList<TraceSummary> traces)
    {
        if (traces.Count == 0)
        {
            return "<p>No traces yet: use the application, then reload this page.</p>";
        }

        var html = new StringBuilder("<table><tr><th>Began<th>Trace<th>Services<th>Spans<th>Errors<th>Duration");
        foreach (var trace in traces)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr{ErrorClass(trace.Errors > 0)}><td>{trace.Start:HH:mm:ss.fff}");
            html.Append(CultureInfo.InvariantCulture, $"<td><a href=\"/traces/{Encode(trace.TraceId)}\">{Encode(trace.Name)}</a>");
            html.Append(CultureInfo.InvariantCulture, $"<td>{Encode(string.Join(", ", trace.Services))}<td>{trace.Spans}<td>{trace.Errors}");
            html.Append(CultureInfo.InvariantCulture, $"<td>{trace.DurationMilliseconds:0.0} ms");
        }

        return html.Append("</table>").ToString();
    }

    private static string TraceBody(IReadOnlyList<TraceSpan> spans)
    {
        var summary = TraceSummary.Of(spans);
        var total = Math.Max(summary.DurationMilliseconds, 0.001);
        var html = new StringBuilder("<p><a href=\"/traces\">All traces</a></p><table><tr><th>Service<th>Span<th>Kind<th>Duration<th>Timeline");
        foreach (var (span, depth) in InTreeOrder(spans))
        {
            var left = 100 * (span.Start - summary.Start).TotalMilliseconds / total;
            var width = 100 * span.DurationMilliseconds / total;
            var details = string.Join('\n', span.Attributes.Select(attribute => $"{attribute.Key} = {attribute.Value}"));
            html.Append(CultureInfo.InvariantCulture, $"<tr{ErrorClass(span.Status == "error")} title=\"{Encode(details)}\"><td>{Encode(span.Service)}");
            html.Append(CultureInfo.InvariantCulture, $"<td style=\"padding-left:{depth + 1}rem\">{Encode(span.Name)} {Encode(span.StatusMessage ?? "")}");
            html.Append(CultureInfo.InvariantCulture, $"<td>{span.Kind}<td>{span.DurationMilliseconds:0.00} ms");
            html.Append(CultureInfo.InvariantCulture, $"<td><div class=\"track\"><div class=\"bar\" style=\"left:{left:0.##}%;width:{width:0.##}%\"></div></div>");
        }

        return html.Append("</table>").ToString();
    }

    private static IEnumerable<(TraceSpan Span, int Depth)> InTreeOrder(IReadOnlyList<TraceSpan> spans)
    {
        var known = spans.Select(span => span.SpanId).ToHashSet();
        var children = spans.ToLookup(span => span.ParentSpanId is { } parent && known.Contains(parent) ? parent : "");
        // A stack instead of recursion: a chain of a thousand messages must not end the engine.
        var pending = new Stack<(TraceSpan Span, int Depth)>(children[""].Reverse().Select(span => (span, 0)));
        while (pending.TryPop(out var next))
        {
            yield return next;
            foreach (var child in children[next.Span.SpanId].Reverse())
            {
                pending.Push((child, next.Depth + 1));
            }
        }
    }

    private static string ErrorClass(bool failed) => failed ? " class=\"error\"" : "";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
