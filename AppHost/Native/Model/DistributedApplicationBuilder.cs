using System.Reflection;
using System.Runtime.Versioning;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace BotGeneric.AppHost.Native;

/// <summary>Collects what an application consists of.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The folder of the AppHost project, which project paths are relative to.</summary>
    string AppHostDirectory { get; }

    /// <summary>appsettings.json, user secrets, environment variables and command line of the AppHost.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Development, Production and so on, from DOTNET_ENVIRONMENT.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>Everything that has been added so far.</summary>
    IReadOnlyList<IResource> Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <exception cref="InvalidOperationException">There is already one of that name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Ends the collection.</summary>
    DistributedApplication Build();
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly List<IResource> _resources = [];
    private readonly Lazy<ParameterStore> _parameters;

    public DistributedApplicationBuilder(EngineOptions options)
    {
        var assembly = Assembly.GetEntryAssembly() ?? typeof(DistributedApplicationBuilder).Assembly;
        AppHostDirectory = options.AppHostDirectory ?? ProjectFolder(assembly);
        Options = options;
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = [.. options.Arguments],
            ContentRootPath = AppHostDirectory,
            EnvironmentName = options.EnvironmentName,
        });
        Configuration = assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        TargetFramework = TargetFrameworkOf(assembly);
        DataFolder = Path.GetFullPath(
            _host.Configuration["data"] ?? _host.Configuration["BOTGENERIC_DATA"] ?? Path.Combine(AppHostDirectory, "..", ".data"));
        _parameters = new Lazy<ParameterStore>(() => new ParameterStore(new DataDirectory(DataFolder).ParametersFile));
    }

    public string AppHostDirectory { get; }

    public EngineOptions Options { get; }

    public string DataFolder { get; }

    /// <summary>The build configuration of the AppHost itself, which every project is expected to have been built in.</summary>
    public string Configuration { get; }

    public string TargetFramework { get; }

    public ParameterStore Parameters => _parameters.Value;

    ConfigurationManager IDistributedApplicationBuilder.Configuration => _host.Configuration;

    public IHostEnvironment Environment => _host.Environment;

    public IReadOnlyList<IResource> Resources => _resources;

    public IConfiguration Settings => _host.Configuration;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (_resources.Any(existing => string.Equals(existing.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new InvalidOperationException($"There is already a resource named '{resource.Name}'.");
        }

        _resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build() => new(this);

    private static string ProjectFolder(Assembly assembly)
    {
        var recorded = assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == "AppHostProjectPath")?.Value;
        return recorded is not null && Directory.Exists(recorded) ? recorded : Directory.GetCurrentDirectory();
    }

    private static string TargetFrameworkOf(Assembly assembly)
    {
        var name = assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName ?? AppContext.TargetFrameworkName;
        return name is null ? "net10.0" : "net" + new FrameworkName(name).Version.ToString(2);
    }
}
