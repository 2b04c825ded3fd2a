namespace BotGeneric.AppHost.Native;

/// <summary>Adds parameters to an application.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter whose value must be configured as <c>Parameters:name</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, name) ?? throw new EngineException(
            $"The parameter '{name}' has no value.",
            $"Set the environment variable Parameters__{name}, or: dotnet user-secrets --project AppHost set Parameters:{name} <value>"), secret));

    /// <summary>Adds a parameter with a fixed value that configuration may override. One that may be published is shown beside the generated ones.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, name) ?? value, secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(value) : null,
        });

    /// <summary>Adds a parameter that gets a default when it is not configured.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name; the configuration key is <c>Parameters:name</c>.</param>
    /// <param name="value">Makes the default.</param>
    /// <param name="secret">Whether the value must not be shown outside of development.</param>
    /// <param name="persist">Whether the default stays the same from one start to the next.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(new ParameterResource(name, AddedDefault(builder, name, persist), secret) { Default = value });

    internal static ParameterResource CreatePassword(IDistributedApplicationBuilder builder, string name)
    {
        var application = (DistributedApplicationBuilder)builder;
        return new ParameterResource(
            name, _ => Configured(builder, name) ?? application.Parameters.GetOrAdd(name, GeneratedPassword.New), secret: true);
    }

    private static Func<ParameterDefault?, string> AddedDefault(IDistributedApplicationBuilder builder, string name, bool persist) => value =>
    {
        if (Configured(builder, name) is { } configured)
        {
            return configured;
        }

        var application = (DistributedApplicationBuilder)builder;
        return persist ? application.Parameters.GetOrAdd(name, value!.GetDefaultValue) : value!.GetDefaultValue();
    };

    private static string? Configured(IDistributedApplicationBuilder builder, string name) =>
        builder.Configuration[$"Parameters:{name}"] is { Length: > 0 } value ? value : null;
}
