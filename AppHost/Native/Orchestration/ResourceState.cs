namespace BotGeneric.AppHost.Native;

/// <summary>Where a resource is in its life.</summary>
public enum ResourceState
{
    /// <summary>Others must be healthy first.</summary>
    Waiting,

    /// <summary>Its process runs, its health checks do not pass yet.</summary>
    Starting,

    /// <summary>Every health check passes.</summary>
    Healthy,

    /// <summary>It was healthy, and a health check fails now.</summary>
    Unhealthy,

    /// <summary>Its process ended by itself.</summary>
    Failed,

    /// <summary>Its process has been asked to end.</summary>
    Stopping,

    /// <summary>Its process was ended by the engine.</summary>
    Stopped,
}
