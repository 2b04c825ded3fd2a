namespace BotGeneric.AppHost.Native;

/// <summary>The environment variables of a resource's process: the same keys that Aspire hands out.</summary>
internal static class ProcessEnvironment
{
    private const string OtlpEndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static async Task<IReadOnlyDictionary<string, string>> ResolveAsync(
        ExecutableResource resource, string? otlpEndpoint, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext();
        AddEndpoints(resource, context);
        AddTelemetry(resource, otlpEndpoint, context);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            annotation.Callback(context);
        }

        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            variables[name] = value is IValueProvider provider
                ? await provider.GetValueAsync(cancellationToken) ?? ""
                : value.ToString() ?? "";
        }

        return variables;
    }

    private static void AddEndpoints(ExecutableResource resource, EnvironmentCallbackContext context)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.EnvironmentVariable is not null))
        {
            context.EnvironmentVariables[endpoint.EnvironmentVariable!] = $"{endpoint.AllocatedPort}";
        }

        var main = endpoints.Where(endpoint => endpoint is { EnvironmentVariable: null, Scheme: "http" }).ToList();
        if (main.Count > 0)
        {
            context.EnvironmentVariables["ASPNETCORE_URLS"] = string.Join(';', main.Select(endpoint => $"http://localhost:{endpoint.AllocatedPort}"));
        }
    }

    private static void AddTelemetry(ExecutableResource resource, string? otlpEndpoint, EnvironmentCallbackContext context)
    {
        var variables = context.EnvironmentVariables;
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.CreateVersion7():N}";
        // Watching configuration files takes an inotify instance per process, and Linux allows a user only 128 of them.
        variables["DOTNET_hostBuilder__reloadConfigOnChange"] = "false";
        // A collector that was given from outside is in the environment that the processes inherit.
        if (otlpEndpoint is not null && Environment.GetEnvironmentVariable(OtlpEndpointVariable) is null)
        {
            variables[OtlpEndpointVariable] = otlpEndpoint;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            // Somebody who develops wants to see a trace at once, not five seconds later.
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
        }
    }
}
