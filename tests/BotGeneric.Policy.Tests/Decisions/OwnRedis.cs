using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using BotGeneric.Testing;
using StackExchange.Redis;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>A Redis of the test's own, without a file: killed and begun again it has forgotten everything.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("redis");
    private readonly string[] _arguments;
    private Process? _process;

    internal OwnRedis(bool isInCluster = false)
    {
        (Port, ClusterPort) = (FreePorts.Take(), FreePorts.Take());
        _arguments = isInCluster ? ["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no", "--cluster-port", Text(ClusterPort), "--cluster-node-timeout", "5000"] : [];
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    internal int Port { get; }

    /// <summary>Where the nodes of a cluster talk to each other.</summary>
    internal int ClusterPort { get; }

    internal string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    internal async Task StartAsync()
    {
        string[] own = ["--bind", "127.0.0.1", "--port", Text(Port), "--dir", _folder.Path, "--save", "", "--appendonly", "no"];
        _process = Process.Start(new ProcessStartInfo("redis-server", [.. own, .. _arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        await Eventually.GetAsync(AnswersAsync, static answers => answers, "Redis to answer");
    }

    /// <summary>As a crash does: at once, and with everything it had in its memory.</summary>
    internal async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    internal async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        var configuration = ConfigurationOptions.Parse(ConnectionString);
        configuration.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        return await connection.GetServer(ConnectionString).ExecuteAsync(command, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await KillAsync();
        _folder.Dispose();
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await stream.ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private void OnExit(object? sender, EventArgs arguments) => _process?.Kill();
}
