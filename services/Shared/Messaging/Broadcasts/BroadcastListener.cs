using System.Text.Json;
using BotGeneric.Messaging.Bus;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BotGeneric.Messaging.Broadcasts;

/// <summary>
/// Hears events as they are said, through a queue that belongs to this process alone and ends with its connection. Every replica hears
/// everything, nothing is kept for one that is away.
/// </summary>
internal sealed partial class BroadcastListener(
    string process,
    IReadOnlyDictionary<string, BroadcastReceiver> receivers,
    BrokerEndpoint endpoint,
    BroadcastState state,
    TimeProvider timeProvider,
    ILogger<BroadcastListener> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A network that swallows packets is noticed after two of them; until then revocations would be missed unknowingly.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    // Everything starts at once, and the broker takes longer than those who need it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long _unheardSince = timeProvider.GetTimestamp();
    private bool _isTold;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 1; !stoppingToken.IsCancellationRequested; attempt++)
        {
            try
            {
                await ListenAsync(() => attempt = 0, stoppingToken);
                TellOfLoss();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                TellOfFailure(exception.GetType().Name, attempt);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                state.Disconnected();
            }

            await Task.Delay(Backoff.Exponential(FirstPause, 2, Math.Max(attempt, 1), LongestPause), timeProvider, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns when the connection ends.
    private async Task ListenAsync(Action connected, CancellationToken stoppingToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = await endpoint.ConnectAsync($"{process} broadcasts", stoppingToken, Heartbeat);
        connection.ConnectionShutdownAsync += (_, _) => EndAsync(ended);
        var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        channel.ChannelShutdownAsync += (_, _) => EndAsync(ended);

        var queue = await channel.QueueDeclareAsync(
            queue: string.Empty, durable: false, exclusive: true, autoDelete: true, cancellationToken: stoppingToken);
        foreach (var eventName in receivers.Keys)
        {
            // The same declaration as the publisher's, which may come second.
            await channel.ExchangeDeclareAsync(eventName, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: stoppingToken);
            await channel.QueueBindAsync(queue.QueueName, eventName, routingKey: string.Empty, cancellationToken: stoppingToken);
        }

        // What was missed is made up for once the queue holds what is said from now on, and before the first of it is handled.
        foreach (var receiver in receivers.Values)
        {
            await receiver.ResetAsync(stoppingToken);
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => EndAsync(ended);
        consumer.ShutdownAsync += (_, _) => EndAsync(ended);
        consumer.ReceivedAsync += (_, delivery) => HandleAsync(delivery, stoppingToken);
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stoppingToken);
        state.Connected();
        connected();
        TellOfConnection();
        await ended.Task.WaitAsync(stoppingToken);
    }

    private async Task HandleAsync(BasicDeliverEventArgs delivery, CancellationToken stoppingToken)
    {
        try
        {
            if (receivers.TryGetValue(delivery.Exchange, out var receiver))
            {
                using var envelope = JsonDocument.Parse(delivery.Body);
                await receiver.HandleAsync(envelope.RootElement.GetProperty("message"), stoppingToken);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // One event that cannot be handled must not end the listening to the others.
            LogFailed(logger, exception, delivery.Exchange);
        }
    }

    private void TellOfLoss()
    {
        (_unheardSince, _isTold) = (timeProvider.GetTimestamp(), true);
        LogLost(logger);
    }

    // Once for each time without the broker: what is tried meanwhile is nobody's news.
    private void TellOfFailure(string reason, int attempt)
    {
        LogAttempt(logger, reason, attempt);
        var unheard = timeProvider.GetElapsedTime(_unheardSince);
        if (!_isTold && unheard >= Patience)
        {
            _isTold = true;
            LogUnreachable(logger, unheard, reason);
        }
    }

    private void TellOfConnection()
    {
        if (_isTold)
        {
            LogBack(logger, receivers.Count, timeProvider.GetElapsedTime(_unheardSince));
        }
        else
        {
            LogConnected(logger, receivers.Count);
        }

        _isTold = false;
    }

    private static Task EndAsync(TaskCompletionSource ended)
    {
        ended.TrySetResult();
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Hears broadcasts of {Count} event(s)")]
    private static partial void LogConnected(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Broadcasts are not heard any more: the connection ended")]
    private static partial void LogLost(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hears broadcasts of {Count} event(s) again, after {Elapsed}")]
    private static partial void LogBack(ILogger logger, int count, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Broadcasts are not heard: the broker has not been reached for {Elapsed} ({Reason})")]
    private static partial void LogUnreachable(ILogger logger, TimeSpan elapsed, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The broker cannot be reached for broadcasts ({Reason}), attempt {Attempt}")]
    private static partial void LogAttempt(ILogger logger, string reason, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "A broadcast of {Event} could not be handled")]
    private static partial void LogFailed(ILogger logger, Exception exception, string @event);
}
