using System.Net;
using System.Net.Sockets;
using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Stands between a service and the broker, and can keep what the broker answers.</summary>
internal sealed class BrokerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _broker;
    private TaskCompletionSource _open = Opened();

    private BrokerProxy(Uri broker) => _broker = broker;

    /// <summary>The connection string of the broker behind it.</summary>
    public string ConnectionString => new UriBuilder(_broker) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString();

    /// <summary>Starts one in front of the broker of the tests.</summary>
    public static async Task<BrokerProxy> StartAsync()
    {
        var proxy = new BrokerProxy(new Uri(await TestServers.RabbitMqAsync()));
        proxy._listener.Start();
        _ = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>From now on the broker gets everything and its answers get nowhere.</summary>
    public void HoldAnswers() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets them through again.</summary>
    public void LetGo() => _open.TrySetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        _end.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ConnectAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ConnectAsync(TcpClient service)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        using (service)
        using (var broker = new TcpClient())
        {
            try
            {
                await broker.ConnectAsync(_broker.Host, _broker.Port > 0 ? _broker.Port : 5672, ended.Token);
                await Task.WhenAny(
                    PumpAsync(service.GetStream(), broker.GetStream(), () => Task.CompletedTask, ended.Token),
                    PumpAsync(broker.GetStream(), service.GetStream(), () => _open.Task, ended.Token));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // As if the broker were not there.
            }

            await ended.CancelAsync();
        }
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Func<Task> gate, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                await gate().WaitAsync(cancellationToken);
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: so is the connection.
        }
    }
}
