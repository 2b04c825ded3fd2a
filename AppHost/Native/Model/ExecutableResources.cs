namespace BotGeneric.AppHost.Native;

/// <summary>A program that the engine starts.</summary>
/// <param name="name">The unique name.</param>
/// <param name="command">Full path of the program, or its name on PATH.</param>
/// <param name="workingDirectory">Where it runs.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithServiceDiscovery
{
    /// <summary>Full path of the program, or its name on PATH.</summary>
    public string Command { get; } = command;

    /// <summary>Where it runs.</summary>
    public string WorkingDirectory { get; } = workingDirectory;

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A .NET project of this repository, run from its build output.</summary>
/// <param name="name">The unique name.</param>
/// <param name="projectPath">Full path of the project file.</param>
/// <param name="configuration">The build configuration, for example Debug.</param>
/// <param name="targetFramework">The target framework, for example net10.0.</param>
public sealed class ProjectResource(string name, string projectPath, string configuration, string targetFramework)
    : ExecutableResource(name, Binaries.DotNet(), Path.GetDirectoryName(projectPath)!)
{
    /// <summary>Full path of the project file.</summary>
    public string ProjectPath { get; } = projectPath;

    /// <summary>The program that building the project leaves behind.</summary>
    public string Output { get; } = Path.Combine(
        Path.GetDirectoryName(projectPath)!, "bin", configuration, targetFramework, Path.GetFileNameWithoutExtension(projectPath) + ".dll");
}
