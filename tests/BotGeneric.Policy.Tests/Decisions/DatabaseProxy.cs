using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Stands between the service and PostgreSQL, and can hang: it takes connections and what is sent, and nothing comes back.</summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly NpgsqlConnectionStringBuilder _server;
    private volatile TaskCompletionSource _open = new();

    private DatabaseProxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _open.SetResult();
    }

    /// <summary>The connection string of the database behind it.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        // Those that hang are not to be missed by others.
        MaxPoolSize = 10,
    }.ConnectionString;

    /// <summary>Starts one.</summary>
    /// <param name="connectionString">The database.</param>
    public static DatabaseProxy Start(string connectionString)
    {
        var proxy = new DatabaseProxy(connectionString);
        proxy._listener.Start();
        _ = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>From now on nothing is answered.</summary>
    public void Hang() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was kept goes on.</summary>
    public void LetGo() => _open.TrySetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        _end.Dispose();
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
        using (var database = new TcpClient())
        {
            try
            {
                await database.ConnectAsync(_server.Host!, _server.Port, ended.Token);
                await Task.WhenAny(PumpAsync(service.GetStream(), database.GetStream(), ended.Token), PumpAsync(database.GetStream(), service.GetStream(), ended.Token));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // As if the database were not there.
            }

            await ended.CancelAsync();
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                await _open.Task.WaitAsync(cancellationToken);
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: so is the connection.
        }
    }
}
