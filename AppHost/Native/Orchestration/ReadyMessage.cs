using Microsoft.Extensions.Hosting;

namespace BotGeneric.AppHost.Native;

/// <summary>What is printed when everything is healthy: where to go, and what to sign in with.</summary>
internal static class ReadyMessage
{
    public static void Print(EngineConsole console, DistributedApplicationBuilder builder, Plan plan, Collector collector, TimeSpan elapsed)
    {
        console.Line();
        var addresses = ExternalAddresses(builder.Resources).ToList();
        console.Line(addresses.Count == 0 ? "Ready" : $"Ready: {string.Join(' ', addresses)}");

        console.Line($"  All {plan.Runners.Count} resources are healthy after {elapsed.TotalSeconds:0.0} s. Ctrl-C stops everything.");
        console.Line($"  Traces: {collector.Address}/traces");
        foreach (var resource in builder.Resources.OfType<ExecutableResource>())
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(e => !e.IsExternal && e.EnvironmentVariable is null))
            {
                console.Line($"  {resource.Name}: {endpoint.Scheme}://localhost:{endpoint.AllocatedPort}");
            }
        }

        foreach (var (name, value) in GeneratedParameters(builder))
        {
            console.Line($"  {name}: {value}");
        }

        console.Line($"  Logs: {Path.Combine(builder.DataFolder, "logs")}");
    }

    public static IEnumerable<string> ExternalAddresses(IEnumerable<IResource> resources) => resources
        .SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>())
        .Where(endpoint => endpoint.IsExternal)
        .Select(endpoint => $"{endpoint.Scheme}://localhost:{endpoint.AllocatedPort}");

    /// <summary>The values that this machine generated for development, and what belongs to them. Configured secrets and production values are never shown.</summary>
    public static IEnumerable<(string Name, string Value)> GeneratedParameters(DistributedApplicationBuilder builder)
    {
        if (builder.Environment.IsProduction())
        {
            yield break;
        }

        foreach (var parameter in builder.Resources.OfType<ParameterResource>())
        {
            if (parameter.Default is not null && string.IsNullOrEmpty(builder.Settings[$"Parameters:{parameter.Name}"]))
            {
                yield return (parameter.Name, parameter.Value);
            }
        }
    }
}
