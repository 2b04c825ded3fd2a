using System.Diagnostics;

namespace BotGeneric.Messaging;

/// <summary>W3C trace context as text.</summary>
internal static class TraceContext
{
    public const string ParentHeader = "traceparent";
    public const string StateHeader = "tracestate";

    /// <summary>MassTransit reads the parent of its own spans from this header, in the same format.</summary>
    public const string MassTransitHeader = "MT-Activity-Id";

    public static string? Format(ActivityContext context) =>
        context == default
            ? null
            : $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    public static ActivityContext Parse(string? parent, string? state) =>
        ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
}
