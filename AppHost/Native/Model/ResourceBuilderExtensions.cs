using System.Net.Sockets;

namespace BotGeneric.AppHost.Native;

/// <summary>Says how resources are connected.</summary>
public static class ResourceBuilderExtensions
{
    private const string DefaultEndpoint = "http";

    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithVariable(name, value ?? "");

    /// <summary>Sets an environment variable to the value of a parameter.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.WithVariable(name, parameter.Resource);

    /// <summary>Sets an environment variable to the URL of an endpoint.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithVariable(name, endpointReference);

    /// <summary>Sets an environment variable to an expression.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment => builder.WithVariable(name, value);

    /// <summary>Sets environment variables when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.Annotate(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Adds an HTTP endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port; null for a free one.</param>
    /// <param name="targetPort">The port that the process itself listens on: there is no proxy, so the same one.</param>
    /// <param name="name">The name that others refer to it by.</param>
    /// <param name="env">The variable that tells the resource the port; null for the main address, told in ASPNETCORE_URLS.</param>
    /// <param name="isProxied">This engine has no proxy.</param>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.Annotate(new EndpointAnnotation(name ?? DefaultEndpoint, port ?? targetPort, env));

    /// <summary>Adds an endpoint of any protocol.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port; null for a free one.</param>
    /// <param name="targetPort">The port that the process itself listens on: there is no proxy, so the same one.</param>
    /// <param name="scheme">The scheme of its URL: <c>tcp</c> by default.</param>
    /// <param name="name">The name that others refer to it by; the scheme by default.</param>
    /// <param name="env">The variable that tells the resource the port. An endpoint other than HTTP needs one to be known to its process.</param>
    /// <param name="isProxied">This engine has no proxy.</param>
    /// <param name="isExternal">Whether it is meant for people and other machines.</param>
    /// <param name="protocol">TCP, the only one of this engine.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null, string? env = null,
        bool? isProxied = null, bool? isExternal = null, ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        if (protocol is not (null or ProtocolType.Tcp))
        {
            throw new NotSupportedException($"The native engine allocates TCP ports only, not {protocol}.");
        }

        var spoken = scheme ?? "tcp";
        return builder.Annotate(new EndpointAnnotation(name ?? spoken, port ?? targetPort, env, spoken) { IsExternal = isExternal ?? false });
    }

    /// <summary>Says that the HTTP endpoints are meant for people and other machines.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.EnvironmentVariable is null && endpoint.Scheme == DefaultEndpoint))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    /// <summary>Says which address answers when the resource is healthy.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints =>
        builder.Annotate(new HttpHealthCheckAnnotation(path ?? "/", statusCode ?? 200, endpointName ?? DefaultEndpoint));

    /// <summary>An endpoint of the resource.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    /// <summary>Gives the resource another one's connection string as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment => builder
        .Annotate(new ReferenceAnnotation(source.Resource))
        .WithVariable($"ConnectionStrings__{connectionName ?? source.Resource.Name}", source.Resource);

    /// <summary>Tells the resource another one's addresses as <c>services__name__endpoint__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder
        .Annotate(new ReferenceAnnotation(source.Resource))
        .WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.Annotations.OfType<EndpointAnnotation>())
            {
                context.EnvironmentVariables[$"services__{source.Resource.Name}__{endpoint.Name}__0"] =
                    new EndpointReference(source.Resource, endpoint.Name);
            }
        });

    /// <summary>Starts the resource only when another one is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Annotate(new WaitAnnotation(dependency.Resource));

    private static IResourceBuilder<T> WithVariable<T>(this IResourceBuilder<T> builder, string name, object value) where T : IResource =>
        builder.Annotate(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[name] = value));

    private static IResourceBuilder<T> Annotate<T>(this IResourceBuilder<T> builder, IResourceAnnotation annotation) where T : IResource
    {
        builder.Resource.Annotations.Add(annotation);
        return builder;
    }
}
