namespace BotGeneric.AppHost.Native;

/// <summary>What can be known to fail before anything is started.</summary>
internal static class Preflight
{
    private const long Megabyte = 1024 * 1024;

    /// <exception cref="EngineException">There is not enough room for data and logs.</exception>
    public static void CheckDisk(DataDirectory data, int minimumMegabytes)
    {
        var available = new DriveInfo(data.Root).AvailableFreeSpace / Megabyte;
        if (available < minimumMegabytes)
        {
            throw new EngineException(
                $"The disk of {data.Root} is full: {available} MB are free, {minimumMegabytes} MB are needed.",
                "Free some space, or keep the data on another disk: --data <folder>");
        }
    }

    /// <exception cref="EngineException">A project has not been built.</exception>
    public static void CheckBuildOutput(IEnumerable<ProjectResource> projects)
    {
        var missing = projects.Where(project => !File.Exists(project.Output)).ToList();
        if (missing.Count > 0)
        {
            throw new EngineException(
                $"Not built: {string.Join(", ", missing.Select(project => project.Name))} (expected {missing[0].Output}).",
                "Build everything: dotnet build BotGeneric.sln (./run.sh does)");
        }
    }

    /// <summary>Gives every endpoint its port.</summary>
    /// <exception cref="EngineException">A port that was asked for is in use.</exception>
    public static void AllocatePorts(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port && !Ports.IsFree(port))
                {
                    throw new EngineException(
                        $"Port {port}, which {resource.Name} needs, is in use by {Ports.OwnerOf(port)}.",
                        "Stop that process, or choose another port: Gateway__Port=8081 ./run.sh");
                }

                endpoint.AllocatedPort = endpoint.Port ?? Ports.Free();
            }
        }
    }
}
