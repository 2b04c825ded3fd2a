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

    /// <summary>The URL, for example <c>http://localhost:8080</c>.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint, or the application does not run yet.</exception>
    public string Url => $"http://localhost:{Port}";

    private EndpointAnnotation Annotation =>
        Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(endpoint => endpoint.Name == EndpointName)
        ?? throw new InvalidOperationException($"The resource '{Resource.Name}' has no endpoint '{EndpointName}'.");

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);
}
