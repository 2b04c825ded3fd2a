using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BotGeneric.AppHost.Native;

/// <summary>Writes <see cref="EngineState"/> after every change, for tools and tests.</summary>
internal sealed class StateFile(
    string path, DistributedApplicationBuilder builder, Plan plan, Collector collector, IReadOnlyDictionary<string, string> connectionStrings,
    EngineConsole console)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Lock _gate = new();
    private bool _ready;

    public string ControlToken { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public void SetReady(bool ready)
    {
        _ready = ready;
        Write();
    }

    public void Write()
    {
        lock (_gate)
        {
            try
            {
                PrivateFile.Write(path, JsonSerializer.Serialize(Current(), Json));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The application runs without this file, and must also stop in order without it.
                console.CannotWrite(path, exception);
            }
        }
    }

    private EngineState Current() => new(
        Environment.ProcessId,
        _ready,
        ReadyMessage.ExternalAddresses(builder.Resources).FirstOrDefault(),
        collector.Address + "/traces",
        collector.Address,
        ControlToken,
        ReadyMessage.GeneratedParameters(builder).ToDictionary(parameter => parameter.Name, parameter => parameter.Value),
        connectionStrings,
        plan.Runners.ToDictionary(runner => runner.Name, StateOf));

    private static EngineResourceState StateOf(ResourceRunner runner) => new(
        runner.State,
        runner.Since,
        runner.ProcessId,
        runner.ExitCode,
        runner.Resource.Annotations.OfType<EndpointAnnotation>()
            .ToDictionary(endpoint => endpoint.Name, endpoint => $"{endpoint.Scheme}://localhost:{endpoint.AllocatedPort}"),
        runner.LogPath);
}
