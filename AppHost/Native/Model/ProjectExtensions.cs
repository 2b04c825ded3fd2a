namespace BotGeneric.AppHost.Native;

/// <summary>Adds projects and programs to an application.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project of this repository. It is run from its build output; it is not built.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The unique name, also for service discovery and telemetry.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's folder.</param>
    /// <param name="launchProfileName">Launch profiles are not read by this engine.</param>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName)
    {
        var application = (DistributedApplicationBuilder)builder;
        var path = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, projectPath));
        return builder.AddResource(new ProjectResource(name, path, application.Configuration, application.TargetFramework));
    }

    /// <inheritdoc cref="AddProject(IDistributedApplicationBuilder, string, string, string?)" />
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, projectPath, launchProfileName: null);

    /// <summary>Adds any program.</summary>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(
            name, command, Path.GetFullPath(Path.Combine(builder.AppHostDirectory, workingDirectory)))
        { Arguments = args ?? [] });
}
