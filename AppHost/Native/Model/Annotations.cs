namespace BotGeneric.AppHost.Native;

/// <summary>A port that a resource listens on.</summary>
/// <param name="name">The name that others refer to it by.</param>
/// <param name="port">The port; null for a free one.</param>
/// <param name="environmentVariable">The variable that tells the resource its port; null for the main address, which it is told as a URL.</param>
/// <param name="scheme">What is spoken there: <c>http</c>, <c>tcp</c>.</param>
public sealed class EndpointAnnotation(string name, int? port, string? environmentVariable, string scheme = "http") : IResourceAnnotation
{
    /// <summary>What is spoken there, the scheme of its URL.</summary>
    public string Scheme { get; } = scheme;

    /// <summary>The name that others refer to it by.</summary>
    public string Name { get; } = name;

    /// <summary>The port that was asked for; null for a free one.</summary>
    public int? Port { get; } = port;

    /// <summary>The variable that tells the resource its port.</summary>
    public string? EnvironmentVariable { get; } = environmentVariable;

    /// <summary>Whether it is meant for people and other machines rather than for other resources.</summary>
    public bool IsExternal { get; set; }

    /// <summary>The port that was allocated for this run.</summary>
    public int? AllocatedPort { get; internal set; }
}

/// <summary>Collects environment variables: values are strings or <see cref="IValueProvider"/>s.</summary>
public sealed class EnvironmentCallbackContext
{
    /// <summary>The variables so far.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = [];
}

/// <summary>Adds environment variables when a resource starts.</summary>
internal sealed record EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> Callback) : IResourceAnnotation;

/// <summary>A resource that must be healthy before this one starts.</summary>
internal sealed record WaitAnnotation(IResource Dependency) : IResourceAnnotation;

/// <summary>A resource that this one talks to.</summary>
internal sealed record ReferenceAnnotation(IResource Resource) : IResourceAnnotation;

/// <summary>An address that answers with a status code when the resource is healthy.</summary>
internal sealed record HttpHealthCheckAnnotation(string Path, int StatusCode, string EndpointName) : IResourceAnnotation;
