using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Routing;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Gateway.Tests;

public sealed class ServiceOutageTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services;
    private readonly ServiceOutages _outages;

    public ServiceOutageTests()
    {
        _services = new ServiceCollection()
            .AddMetrics()
            .AddLogging(logging => logging.AddProvider(_log))
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton<ServiceOutages>()
            .BuildServiceProvider();
        _outages = _services.GetRequiredService<ServiceOutages>();
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void An_outage_is_told_when_it_begins_each_minute_and_when_it_ends()
    {
        for (var second = 0; second < 90; second++)
        {
            Fail("billing", times: 10);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _outages.Answered("billing");
        _outages.Answered("billing");

        Assert.Equal(
            [
                "billing does not answer (Connection refused); requests that failed since the last line: 1",
                "billing still does not answer (Connection refused); requests that failed since the last line: 600",
                "billing answers again after 00:01:30; requests that failed meanwhile: 900",
            ],
            Lines());
    }

    [Fact]
    public void A_service_that_answers_now_and_then_has_two_lines_a_minute_and_nothing_is_lost_of_the_count()
    {
        for (var second = 0; second < 60; second++)
        {
            Fail("billing", times: 1);
            _outages.Answered("billing");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Fail("billing", times: 1);
        _outages.Answered("billing");

        Assert.Equal(
            [
                "billing does not answer (Connection refused); requests that failed since the last line: 1",
                "billing answers again after 00:00:00; requests that failed meanwhile: 1",
                "billing does not answer (Connection refused); requests that failed since the last line: 60",
                "billing answers again after 00:00:00; requests that failed meanwhile: 1",
            ],
            Lines());
    }

    [Fact]
    public void Each_service_has_its_own_outage()
    {
        Fail("billing", times: 2);
        Fail("policy", times: 2);
        _outages.Answered("usage");

        Assert.Equal(["billing", "policy"], Lines().Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void The_metric_counts_every_request()
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ServiceOutages.MeterName && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var service = tags[0].Value!.ToString()!;
            counted[service] = counted.GetValueOrDefault(service) + value;
        });
        listener.Start();

        Fail("billing", times: 5);
        Fail("policy", times: 3);

        Assert.Equal(5, counted["billing"]);
        Assert.Equal(3, counted["policy"]);
    }

    [Fact]
    public async Task Requests_for_a_service_that_is_not_running_leave_one_line_in_the_log()
    {
        await using var gateway = new GatewayApplication { Log = _log }.With(ServiceNames.Billing, UnusedAddress());
        using var client = gateway.CreateVisitor();
        for (var request = 0; request < 20; request++)
        {
            using var response = await client.GetAsync("/api/plans");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.StartsWith("billing does not answer", Assert.Single(_log.Of(nameof(ServiceOutages), LogLevel.Information)), StringComparison.Ordinal);
        Assert.DoesNotContain(_log.All, line => line.Level >= LogLevel.Warning && line.Category.StartsWith("Yarp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_that_nobody_can_tell_leave_one_line_in_the_log_too()
    {
        await using var gateway = new GatewayApplication { Log = _log }.With(ServiceNames.Identity, UnusedAddress());
        using var client = gateway.CreateVisitor();
        for (var request = 0; request < 5; request++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, "/api/plans") { Headers = { { "X-Api-Key", ApiKeyFormat.Generate() } } };
            using var response = await client.SendAsync(message);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        var line = Assert.Single(_log.All, line => line.Level >= LogLevel.Warning && line.Text.Contains("identity", StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("identity does not answer", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_says_nothing_about_the_service()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StubService.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = new GatewayApplication { Log = _log }.With(ServiceNames.Billing, service.Address);
        using var client = gateway.CreateVisitor();
        using var patience = new CancellationTokenSource();

        var call = client.GetAsync("/api/plans", patience.Token);
        await asked.Task;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await gateway.DisposeAsync();

        Assert.Empty(_log.Of(nameof(ServiceOutages), LogLevel.Information));
    }

    private static string UnusedAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return $"http://{socket.LocalEndPoint}";
    }

    private IReadOnlyList<string> Lines() => _log.Of(nameof(ServiceOutages), LogLevel.Information);

    private void Fail(string service, int times)
    {
        for (var time = 0; time < times; time++)
        {
            _outages.Failed(service, "Request", "Connection refused");
        }
    }
}
