using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace BotGeneric.Gateway.Security;

/// <summary>Keys under <c>Tracing</c>.</summary>
public sealed class EdgeTracingOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Tracing";

    /// <summary>
    /// Whether a caller's <c>traceparent</c> continues as our trace. False by default: on the public internet it would let anybody write
    /// into a trace of his choice and decide what is sampled. Either way the caller's span is linked.
    /// </summary>
    public bool TrustCallers { get; set; }
}

/// <summary>Starts a trace of our own for every request.</summary>
internal static class EdgeTracing
{
    internal static void AddEdgeTracing(this WebApplicationBuilder builder)
    {
        var options = new EdgeTracingOptions();
        builder.Configuration.GetSection(EdgeTracingOptions.SectionName).Bind(options);
        if (options.TrustCallers)
        {
            return;
        }

        builder.Services.AddSingleton<DistributedContextPropagator>(new OutgoingOnlyPropagator());
        // The default one of the SDK reads the headers once more and would undo the line above. W3C alone is what the server reads.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
    }

    internal static void UseEdgeTracing(this WebApplication app) => app.Use((context, next) =>
    {
        if (Activity.Current is { } activity
            && ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out var caller)
            && caller.TraceId != activity.TraceId)
        {
            activity.AddLink(new ActivityLink(caller));
        }

        return next(context);
    });

    /// <summary>Passes our context on and takes none over.</summary>
    private sealed class OutgoingOnlyPropagator : DistributedContextPropagator
    {
        private readonly DistributedContextPropagator _inner = CreateDefaultPropagator();

        public override IReadOnlyCollection<string> Fields => _inner.Fields;

        public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => _inner.Inject(activity, carrier, setter);

        public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
        {
            traceId = null;
            traceState = null;
        }

        public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
    }
}
