using System.Globalization;
using System.Runtime.InteropServices;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

namespace BotGeneric.TestRun;

/// <summary>Runs the servers that all test projects of one run share.</summary>
internal static class ServersCommand
{
    private static readonly TimeSpan ParentPollInterval = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string environmentFile, string parentProcessId)
    {
        using var ended = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        using var folder = new TemporaryFolder("test-servers");
        var options = new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true };
        try
        {
            await using var servers = await NativeServers.StartAsync(options, ended.Token);
            await WriteAsync(environmentFile, servers);
            var parent = int.Parse(parentProcessId, CultureInfo.InvariantCulture);
            using var timer = new PeriodicTimer(ParentPollInterval);
            while (Directory.Exists($"/proc/{parent}") && await timer.WaitForNextTickAsync(ended.Token))
            {
                // The parent is still there.
            }

            return 0;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return 0;
        }
        catch (EngineException exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Cancel();
        }
    }

    // Moved into place when complete, because the shell waits for the file to appear.
    private static async Task WriteAsync(string environmentFile, NativeServers servers)
    {
        var temporary = environmentFile + ".tmp";
        await File.WriteAllTextAsync(temporary, $"""
            export {TestServers.PostgresVariable}='{servers.PostgresConnectionString}'
            export {TestServers.RedisVariable}='{servers.RedisConnectionString}'
            export {TestServers.RabbitMqVariable}='{servers.RabbitMqConnectionString}'

            """);
        File.Move(temporary, environmentFile, overwrite: true);
    }
}
