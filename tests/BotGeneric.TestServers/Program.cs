using System.Globalization;
using System.Runtime.InteropServices;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

// Usage: BotGeneric.TestServers <environment file> <parent process id>
// Starts the servers, writes their connection strings as shell variables into the file, and stops them at SIGTERM, SIGINT or when the
// parent process ends.
if (args is not [var environmentFile, var parentArgument] || !int.TryParse(parentArgument, CultureInfo.InvariantCulture, out var parent))
{
    Console.Error.WriteLine("Usage: BotGeneric.TestServers <environment file> <parent process id>");
    return 2;
}

using var ended = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
using var folder = new TemporaryFolder("test-servers");
try
{
    await using var servers = await NativeServers.StartAsync(new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true }, ended.Token);
    var temporary = environmentFile + ".tmp";
    await File.WriteAllTextAsync(temporary, $"""
        export {TestServers.PostgresVariable}='{servers.PostgresConnectionString}'
        export {TestServers.RedisVariable}='{servers.RedisConnectionString}'
        export {TestServers.RabbitMqVariable}='{servers.RabbitMqConnectionString}'

        """);
    File.Move(temporary, environmentFile, overwrite: true);
    while (!ended.IsCancellationRequested && Directory.Exists($"/proc/{parent}"))
    {
        await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1)), Task.Delay(Timeout.Infinite, ended.Token));
    }

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
