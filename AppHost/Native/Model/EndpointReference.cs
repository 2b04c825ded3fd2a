namespace BotGeneric.AppHost.Native;

/// <summary>An endpoint of a resource, whose URL is known once the application runs.</summary>
/// <param name="owner">The resource that listens.</param>
/// <param name="endpointName">The name of the endpoint.</param>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IValueProvider, IManifestExpressionProvider
{
    /// <summary>The resource that listens.</summary>
    public IResourceWithEndpoints Resource { get; } = owner;

    /// <summary>The name of the endpoint.</summary>
    public string EndpointName { get; } = endpointName;

    /// <inheritdoc />
    public string ValueExpression => $"{{{Resource.Name}.bindings.{EndpointName}.url}}";

    /// <summary>The port.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint, or the application does not run yet.</exception>
    public int Port => Annotation.AllocatedPort
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no port before the application runs.");

    /// <summary>The machine: every resource of this engine runs on this one.</summary>
    public string Host => "localhost";

    /// <summary>What is spoken there: <c>http</c>, <c>tcp</c>.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public string Scheme => Annotation.Scheme;

    /// <summary>The URL, for example <c>http://localhost:8080</c>.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint, or the application does not run yet.</exception>
    public string Url => $"{Scheme}://{Host}:{Port}";

    private EndpointAnnotation Annotation =>
        Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(endpoint => endpoint.Name == EndpointName)
        ?? throw new InvalidOperationException($"The resource '{Resource.Name}' has no endpoint '{EndpointName}'.");

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    /// <summary>A part of the address, for something that does not take a URL.</summary>
    /// <param name="property">The part.</param>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);
}

/// <summary>The parts of an endpoint's address.</summary>
public enum EndpointProperty
{
    /// <summary>The whole URL.</summary>
    Url = 0,

    /// <summary>The name of the machine.</summary>
    Host = 1,

    /// <summary>The machine's IPv4 address.</summary>
    IPV4Host = 2,

    /// <summary>The port.</summary>
    Port = 3,

    /// <summary>What is spoken there.</summary>
    Scheme = 4,

    /// <summary>The port that the process itself listens on: this engine has no proxy, so the same one.</summary>
    TargetPort = 5,

    /// <summary>Name and port with a colon between them.</summary>
    HostAndPort = 6,
}

/// <summary>A part of an endpoint's address, known once the application runs.</summary>
/// <param name="endpointReference">The endpoint.</param>
/// <param name="property">The part.</param>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IValueProvider, IManifestExpressionProvider
{
    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference;

    /// <summary>The part.</summary>
    public EndpointProperty Property { get; } = property;

    /// <inheritdoc />
    public string ValueExpression =>
        $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{char.ToLowerInvariant($"{Property}"[0])}{$"{Property}"[1..]}}}";

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Host => Endpoint.Host,
        EndpointProperty.IPV4Host => "127.0.0.1",
        EndpointProperty.Port or EndpointProperty.TargetPort => $"{Endpoint.Port}",
        EndpointProperty.Scheme => Endpoint.Scheme,
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port}",
        _ => Endpoint.Url,
    });
}
