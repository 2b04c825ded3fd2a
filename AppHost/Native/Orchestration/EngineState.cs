namespace BotGeneric.AppHost.Native;

/// <summary>The state of a running engine, as it stands in <c>state.json</c> in the data folder, readable by its owner only.</summary>
/// <param name="EngineProcessId">The process id of the engine.</param>
/// <param name="Ready">Whether every resource has become healthy.</param>
/// <param name="Address">The address for people; null when no endpoint is external.</param>
/// <param name="Traces">The address of the most recent traces.</param>
/// <param name="Control">The address of the control interface: <c>POST {Control}/resources/{name}/start|stop|restart</c>.</param>
/// <param name="ControlToken">The bearer token that the control interface asks for.</param>
/// <param name="Parameters">The values that were generated for development, by name.</param>
/// <param name="ConnectionStrings">The connection strings of servers and databases, by name.</param>
/// <param name="Resources">The processes, by name.</param>
public sealed record EngineState(
    int EngineProcessId,
    bool Ready,
    string? Address,
    string Traces,
    string Control,
    string ControlToken,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> ConnectionStrings,
    IReadOnlyDictionary<string, EngineResourceState> Resources);

/// <summary>The state of one resource.</summary>
/// <param name="State">Where it is in its life.</param>
/// <param name="Since">Since when.</param>
/// <param name="ProcessId">Its process id; null when it does not run.</param>
/// <param name="ExitCode">The exit code, when its process ended by itself.</param>
/// <param name="Endpoints">Its URLs by the name of the endpoint.</param>
/// <param name="Log">The path of its log file.</param>
public sealed record EngineResourceState(
    ResourceState State, DateTimeOffset Since, int? ProcessId, int? ExitCode, IReadOnlyDictionary<string, string> Endpoints, string Log);
