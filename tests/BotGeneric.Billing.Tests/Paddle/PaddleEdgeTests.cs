using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Edge;
using BotGeneric.Testing;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleEdgeTests
{
    private const string Secret = "pdl_ntfset_edge";
    private const string Envelope = """{ "event_id": "evt_1", "event_type": "t", "occurred_at": "2026-01-01T00:00:00Z", "data": {} }""";
    private static readonly string Rehearsal = Envelope.Replace("evt_1", "ntfsimevt_1", StringComparison.Ordinal);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LogLines _log = new();

    [Theory]
    [InlineData("Production", false, false)]
    [InlineData("Production", true, true)]
    [InlineData("Development", false, true)]
    public async Task A_rehearsal_is_refused_where_people_pay(string environment, bool allowsSandbox, bool isTaken)
    {
        var guard = Guard(new() { AllowSandboxInProduction = allowsSandbox }, environment);

        Assert.Equal(isTaken ? null : PaddleRefusal.Rehearsal, (await AdmitAsync(guard, Rehearsal)).Refusal);
        Assert.Null((await AdmitAsync(guard, Envelope)).Refusal);
    }

    [Theory]
    [InlineData("34.232.58.13", null)]
    [InlineData("::ffff:34.232.58.13", null)]
    [InlineData("34.232.58.14", PaddleRefusal.SourceAddress)]
    [InlineData("2001:db8::1", PaddleRefusal.SourceAddress)]
    [InlineData("10.1.2.3", PaddleRefusal.SourceHidden)]
    [InlineData("172.20.0.5", PaddleRefusal.SourceHidden)]
    [InlineData("192.168.1.1", PaddleRefusal.SourceHidden)]
    [InlineData("127.0.0.1", PaddleRefusal.SourceHidden)]
    [InlineData("::1", PaddleRefusal.SourceHidden)]
    [InlineData("fd00::1", PaddleRefusal.SourceHidden)]
    [InlineData(null, PaddleRefusal.SourceHidden)]
    public async Task An_address_that_paddle_does_not_name_is_refused_where_it_is_checked(string? address, object? expected)
    {
        var sources = new PaddleSources(_clock);
        Assert.True(sources.Replace(["34.232.58.13/32", "34.195.105.136"]));
        var sender = address is null ? null : IPAddress.Parse(address);

        Assert.Equal(expected, (await AdmitAsync(Guard(new() { VerifySourceAddress = true }, sources: sources), Envelope, sender)).Refusal);
        Assert.Null((await AdmitAsync(Guard(new(), sources: sources), Envelope, sender)).Refusal);
    }

    [Fact]
    public async Task Before_the_addresses_are_known_the_signature_decides_and_an_error_is_logged()
    {
        var guard = Guard(new() { VerifySourceAddress = true });

        Assert.Null((await AdmitAsync(guard, Envelope, IPAddress.Parse("192.0.2.1"))).Refusal);
        Assert.Equal(PaddleRefusal.Mismatch, (await AdmitAsync(guard, Envelope, IPAddress.Parse("192.0.2.1"), secret: "another")).Refusal);

        Assert.StartsWith("Error Took a delivery", _log.Written[0], StringComparison.Ordinal);
        Assert.Equal(2, _log.Written.Count);
    }

    [Theory]
    [InlineData]
    [InlineData("nonsense")]
    [InlineData("34.232.58.13/32", "0.0.0.0/0")]
    [InlineData("34.232.58.13/8")]
    public void What_is_no_list_does_not_replace_one(params string[] networks)
    {
        var sources = new PaddleSources(_clock);
        Assert.True(sources.Replace(["34.232.58.13/32"]));

        Assert.False(sources.Replace(networks));
        Assert.Equal(PaddleSource.Listed, sources.Find(IPAddress.Parse("34.232.58.13")));
        Assert.Equal(PaddleSource.Unlisted, sources.Find(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public async Task The_addresses_are_fetched_daily_and_kept_while_they_cannot_be()
    {
        await using var host = await PaddleClientHost.StartAsync(options => options.ApiKey = null);
        host.Stub.Error(403, "forbidden").Data("""{ "ipv4_cidrs": ["34.232.58.13/32"] }""").Data("""{ "ipv4_cidrs": [] }""");
        // A clock of its own: that of the calls stands still, so that none of them takes too long by it.
        var sources = new PaddleSources(_clock);
        using var refresher = new PaddleSourceRefresher(
            host.Scopes, sources, Options.Create(new PaddleOptions { VerifySourceAddress = true }), _clock, new Logger<PaddleSourceRefresher>(new LoggerFactory([_log])));
        var started = _clock.GetUtcNow();

        await refresher.StartAsync(default);
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => sources.Age is not null);
        var fetched = _clock.GetUtcNow();
        Assert.Equal(PaddleSource.Listed, sources.Find(IPAddress.Parse("34.232.58.13")));
        Assert.True(fetched - started >= TimeSpan.FromMinutes(5));

        await PassUntilAsync(TimeSpan.FromMinutes(30), () => host.Stub.Requests.Count >= 3);
        Assert.Equal(PaddleSource.Listed, sources.Find(IPAddress.Parse("34.232.58.13")));
        Assert.True(_clock.GetUtcNow() - fetched >= TimeSpan.FromHours(23));

        host.Stub.Data("""{ "ipv4_cidrs": ["34.195.105.136/32"] }""");
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => sources.Find(IPAddress.Parse("34.195.105.136")) == PaddleSource.Listed);
        Assert.Equal(PaddleSource.Unlisted, sources.Find(IPAddress.Parse("34.232.58.13")));
        await refresher.StopAsync(default);
        Assert.InRange(_log.Written.Count(line => line.Contains("could not be fetched", StringComparison.Ordinal)), 2, int.MaxValue);
    }

    [Fact]
    public async Task A_reason_is_logged_once_a_minute_with_how_many_were_not_and_counted_every_time()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var guard = Guard(new(), meters: meters);
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "paddle.webhooks.refused" && instrument.Meter.Scope == meters)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted += value);
        listener.Start();

        for (var delivery = 0; delivery < 100; delivery++)
        {
            await AdmitAsync(guard, Envelope, secret: "another");
        }

        await AdmitAsync(guard, "{}");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await AdmitAsync(guard, Envelope, secret: "another");

        Assert.Equal(3, _log.Written.Count);
        Assert.Contains("mismatch", _log.Written[0], StringComparison.Ordinal);
        Assert.Contains("invalid_body", _log.Written[1], StringComparison.Ordinal);
        Assert.Contains("99 before it were not logged", _log.Written[2], StringComparison.Ordinal);
        Assert.Equal(102, counted);
        Assert.DoesNotContain(_log.Written, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_but_the_right_signature_is_ever_admitted_and_nothing_throws()
    {
        var guard = Guard(new());
        var part = Gen.OneOf(
            Gen.OneOf<string>([.. new[] { "ts=", "h1=", ";", "=", "1767225600", new string('a', 64), Convert.ToHexStringLower(PaddleSignature.Compute("1767225600", "other"u8, Secret)) }.Select(value => Gen.Const(value))]),
            Gen.String[0, 20]);

        await Gen.Select(part.Array[0, 12], Gen.Byte.Array[0, 50]).SampleAsync(async sample =>
        {
            var (parts, body) = sample;
            var context = new DefaultHttpContext();
            context.Request.Headers[PaddleSignature.HeaderName] = string.Concat(parts);
            context.Request.Body = new MemoryStream(body);
            return await guard.AdmitAsync(context.Request, default) is { Event: null, Refusal: not null };
        });
    }

    [Fact]
    public async Task A_rightly_signed_body_is_an_event_or_no_notification_whatever_it_holds()
    {
        var guard = Guard(new());

        await Gen.Byte.Array[0, 300].SampleAsync(async body =>
            await AdmitAsync(guard, body) is { Event: not null, Refusal: null } or { Event: null, Refusal: PaddleRefusal.InvalidBody });
    }

    private async Task PassUntilAsync(TimeSpan step, Func<bool> condition) => await Eventually.GetAsync(
        () =>
        {
            _clock.Advance(step);
            return Task.FromResult(condition());
        },
        holds => holds,
        "the addresses to be asked for");

    private Task<PaddleAdmission> AdmitAsync(PaddleWebhookGuard guard, string body, IPAddress? sender = null, string secret = Secret) =>
        AdmitAsync(guard, Encoding.UTF8.GetBytes(body), sender, secret);

    private Task<PaddleAdmission> AdmitAsync(PaddleWebhookGuard guard, byte[] body, IPAddress? sender = null, string secret = Secret)
    {
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = sender;
        context.Request.Headers[PaddleSignature.HeaderName] = $"ts={timestamp};h1={Convert.ToHexStringLower(PaddleSignature.Compute(timestamp, body, secret))}";
        context.Request.Body = new MemoryStream(body);
        return guard.AdmitAsync(context.Request, default);
    }

    private PaddleWebhookGuard Guard(
        PaddleOptions options, string environment = "Development", PaddleSources? sources = null, IMeterFactory? meters = null)
    {
        options.WebhookSecrets = [Secret];
        var metrics = new PaddleMetrics(meters ?? new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        var log = new PaddleRefusalLog(metrics, _clock, new Logger<PaddleRefusalLog>(new LoggerFactory([_log])));
        return new PaddleWebhookGuard(
            sources ?? new PaddleSources(_clock), log, Options.Create(options), new HostingEnvironment { EnvironmentName = environment }, _clock);
    }
}
