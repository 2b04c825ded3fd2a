using System.Reflection;

namespace BotGeneric.Testing;

/// <summary>Where things are in this repository.</summary>
public static class RepositoryPaths
{
    private const string Marker = "BotGeneric.sln";

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The build configuration that the tests were built in: Debug or Release.</summary>
    public static string Configuration { get; } =
        typeof(RepositoryPaths).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>The program that building a project leaves behind.</summary>
    /// <param name="project">The project file, relative to the root of the repository.</param>
    public static string OutputOf(string project)
    {
        var path = Path.Combine(Root, project);
        return Path.Combine(
            Path.GetDirectoryName(path)!, "bin", Configuration, "net10.0", Path.GetFileNameWithoutExtension(path) + ".dll");
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, Marker)))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"{Marker} was not found above {AppContext.BaseDirectory}.");
    }
}
