namespace BotGeneric.AppHost.Native;

/// <summary>One operation of a trace.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentSpanId">16 hexadecimal digits; null for the first span of a trace.</param>
/// <param name="Service">The resource that reported it.</param>
/// <param name="Name">What was done.</param>
/// <param name="Kind">internal, server, client, producer or consumer.</param>
/// <param name="Start">When it began.</param>
/// <param name="DurationMilliseconds">How long it took.</param>
/// <param name="Status">unset, ok or error.</param>
/// <param name="StatusMessage">What went wrong; null when nothing was said.</param>
/// <param name="Attributes">Details by name.</param>
public sealed record TraceSpan(
    string TraceId,
    string SpanId,
    string? ParentSpanId,
    string Service,
    string Name,
    string Kind,
    DateTimeOffset Start,
    double DurationMilliseconds,
    string Status,
    string? StatusMessage,
    IReadOnlyDictionary<string, string> Attributes);
