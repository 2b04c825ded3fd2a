using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Smtp;

/// <summary>The simulated mail server: listens on the loopback addresses only.</summary>
/// <param name="options">Where, and who may.</param>
/// <param name="inbox">Gets the messages.</param>
/// <param name="scenarios">What goes wrong.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets what a session failed with.</param>
public sealed partial class SmtpServer(
    IOptions<SmtpSimulatorOptions> options, SmtpInbox inbox, SmtpScenarios scenarios, TimeProvider timeProvider, ILogger<SmtpServer> logger)
    : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    private int _disposed;

    /// <summary>The port that the server listens on, once started.</summary>
    public int Port { get; private set; }

    /// <summary>What the server shows who asks for encryption; null when it offers none, or has not started.</summary>
    public X509Certificate2? Certificate { get; private set; }

    /// <inheritdoc />
    /// <exception cref="SocketException">The port is in use.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Certificate = options.Value.Encryption == SmtpEncryption.None ? null : SmtpCertificate.Create(timeProvider.GetUtcNow());
        var first = new TcpListener(IPAddress.Loopback, options.Value.Port);
        first.Start();
        Port = ((IPEndPoint)first.LocalEndpoint).Port;
        _listeners.Add(first);
        AddSecond();
        foreach (var listener in _listeners)
        {
            Track(AcceptAsync(listener));
        }

        LogListening(logger, Port);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // It stops with the host, and is disposed once for each way in which it is registered.
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
        }

        foreach (var listener in _listeners)
        {
            listener.Stop();
        }

        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // The container holds the server twice, also as a hosted service, and disposes of it twice.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(CancellationToken.None);
            _stopping.Dispose();
            Certificate?.Dispose();
        }
    }

    /// <summary>Whoever says <c>localhost</c> may mean either address.</summary>
    private void AddSecond()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        var second = new TcpListener(IPAddress.IPv6Loopback, Port);
        try
        {
            second.Start();
            _listeners.Add(second);
        }
        catch (SocketException exception)
        {
            // No such address on this machine, or somebody else has that port of it.
            second.Dispose();
            LogNoSecondAddress(logger, exception.SocketErrorCode);
        }
    }

    private void Track(Task task)
    {
        _running[task] = true;
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Track(ServeAsync(await listener.AcceptTcpClientAsync(_stopping.Token)));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException || _stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                LogAcceptFailed(logger, exception.SocketErrorCode);
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await using var stream = client.GetStream();
                await using var session = new SmtpSession(stream, options.Value, Certificate, inbox, scenarios, timeProvider);
                await session.RunAsync(_stopping.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or AuthenticationException)
            {
                // The client has gone, was silent for too long or does not trust the certificate, or the server stops.
            }
            catch (Exception exception)
            {
                LogSessionFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "SMTP on port {Port}")]
    private static partial void LogListening(ILogger logger, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "SMTP on the IPv4 loopback address only ({Error})")]
    private static partial void LogNoSecondAddress(ILogger logger, SocketError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection could not be accepted ({Error})")]
    private static partial void LogAcceptFailed(ILogger logger, SocketError error);

    [LoggerMessage(Level = LogLevel.Error, Message = "An SMTP session failed")]
    private static partial void LogSessionFailed(ILogger logger, Exception exception);
}
