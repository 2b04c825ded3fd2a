using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Billing.Tests.Paddle;

/// <summary>The client as the service has it, against <see cref="PaddleStub"/>, with a clock that the test moves.</summary>
internal sealed class PaddleClientHost : IAsyncDisposable
{
    public const string Key = "pdl_sdbx_apikey_01testtesttesttesttesttest_AbCdEfGhIjKlMnOpQrStUv_A1b";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly ServiceProvider _services;
    private readonly MeterListener _listener = new();

    private PaddleClientHost(PaddleStub stub, FakeTimeProvider clock, Action<PaddleOptions>? configure)
    {
        Stub = stub;
        Clock = clock;
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddMetrics();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = Environments.Development });
        // As for every client of a service: what is tested is that these rules do not get in the way of Paddle's.
        services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods()));
        services.AddOptions<PaddleOptions>().Configure(options =>
        {
            options.ApiKey = Key;
            options.ApiUrl = stub.Url;
            configure?.Invoke(options);
        });
        services.AddPaddleClient();
        _services = services.BuildServiceProvider();
        Client = _services.GetRequiredService<IPaddleClient>();
        Settling = _services.GetRequiredService<PaddleSettling>();
        Listen(_services.GetRequiredService<IMeterFactory>());
    }

    public PaddleStub Stub { get; }

    public IServiceScopeFactory Scopes => _services.GetRequiredService<IServiceScopeFactory>();

    public FakeTimeProvider Clock { get; }

    public IPaddleClient Client { get; }

    public PaddleSettling Settling { get; }

    public LogLines Log { get; } = new();

    public ConcurrentQueue<string> Measured { get; } = new();

    public static async Task<PaddleClientHost> StartAsync(Action<PaddleOptions>? configure = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new PaddleClientHost(await PaddleStub.StartAsync(clock), clock, configure);
    }

    /// <summary>Lets time pass until a call has come to its end.</summary>
    public async Task<T> PassAsync<T>(Task<T> call)
    {
        await Eventually.GetAsync(
            () =>
            {
                Clock.Advance(Step);
                return Task.FromResult(call.IsCompleted);
            },
            isCompleted => isCompleted,
            "the call to end");
        return await call;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _services.DisposeAsync();
        await Stub.DisposeAsync();
    }

    private void Listen(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name.StartsWith("paddle.", StringComparison.Ordinal) && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.Start();
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measured.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
}
