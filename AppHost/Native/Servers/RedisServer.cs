using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BotGeneric.AppHost.Native;

/// <summary>Redis as a plain process: loopback only, with a password, every write in an append-only file.</summary>
internal sealed class RedisServer(string name, string password, DataDirectory data, bool ephemeral) : NativeServer(name)
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(3);

    private readonly SystemUser? _user = SystemUser.ForServer("redis");
    private string? _program;

    private string ConfigurationFile => Path.Combine(Folder, "redis.conf");

    public string ConnectionString => $"127.0.0.1:{Port},password={password}";

    public override Task PrepareAsync(CancellationToken cancellationToken)
    {
        _program = Binaries.FindServer("redis-server") ?? throw Binaries.Missing("Redis", "redis-server");
        UseFolder(data, _user);
        // In a file, because anybody on the machine can read the arguments of a process.
        PrivateFile.Write(ConfigurationFile, $"""
            bind 127.0.0.1
            port {Port}
            requirepass {password}
            dir "{Folder}"
            daemonize no
            appendonly {(ephemeral ? "no" : "yes")}
            appendfsync everysec
            save ""
            loglevel notice

            """, _user);
        return Task.CompletedTask;
    }

    public override IReadOnlyList<ProcessSpec> Processes() =>
    [
        new ProcessSpec
        {
            Name = Name,
            FileName = _program!,
            Arguments = [ConfigurationFile],
            WorkingDirectory = Folder,
            User = _user,
            OrphanSignal = Signal.Terminate,
        },
    ];

    public override async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, timeout.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"), timeout.Token);
            using var reader = new StreamReader(stream);
            var authenticated = await reader.ReadLineAsync(timeout.Token);
            var answer = authenticated == "+OK" ? await reader.ReadLineAsync(timeout.Token) : authenticated;
            return answer == "+PONG" ? null : $"PING answered '{answer}'";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "PING was not answered in time";
        }
    }
}
