using BotGeneric.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Status;

/// <summary>Asks every replica of every service for its health, again and again.</summary>
internal sealed partial class StatusPoller(
    StatusBoard board,
    HealthClient client,
    EdgeParts parts,
    IOptions<ServiceEndpoints> endpoints,
    IOptions<StatusOptions> options,
    TimeProvider timeProvider,
    ILogger<StatusPoller> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, timeProvider);
        do
        {
            var reports = await Task.WhenAll(ServiceNames.All.Select(service => AskAsync(service, stoppingToken)));
            var before = board.Current;
            board.Update(reports.ToDictionary(report => report.Service, report => report.Report), parts.Read());
            Log(before, board.Current);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<(string Service, ServiceReport Report)> AskAsync(string service, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(endpoints.Value.Of(service).Select(address => client.AskAsync(address, cancellationToken)));
        return (service, ServiceReport.From(answers));
    }

    private void Log(StatusDocument before, StatusDocument after)
    {
        foreach (var (part, status) in after.Edge)
        {
            var previous = before.Edge[part].State;
            if (previous != status.State)
            {
                LogChanged(logger, part, status.State, previous);
            }
        }

        foreach (var (service, status) in after.Services)
        {
            var previous = before.Services[service].State;
            if (previous != status.State)
            {
                LogChanged(logger, service, status.State, previous);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} is {State}, was {Previous}")]
    private static partial void LogChanged(ILogger logger, string service, ComponentState state, ComponentState previous);
}
