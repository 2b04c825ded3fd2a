using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Keeps this process below Paddle's limits, so that a long list does not have the next buyer refused. A sixth of a minute's calls may be made at
/// once, the rest evenly: no minute has more than the limit, wherever it begins.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PaddleRateGate(IOptions<PaddleOptions> options, TimeProvider timeProvider)
{
    /// <summary>Who would have to wait longer is refused instead.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Bucket _calls = new(options.Value.RequestsPerMinute, timeProvider);
    private readonly Bucket _previews = new(options.Value.PreviewRequestsPerMinute, timeProvider);

    /// <summary>Takes a place.</summary>
    /// <param name="isPreview">Whether it is a preview of prices, which Paddle counts apart.</param>
    internal Place Take(bool isPreview) => (isPreview ? _previews : _calls).Take();

    /// <summary>Gives a place back that was not used.</summary>
    internal void GiveBack(bool isPreview) => (isPreview ? _previews : _calls).GiveBack();

    /// <param name="Wait">How long to wait before the call, or, without a place, before the next try.</param>
    /// <param name="IsTaken">Whether there is one.</param>
    internal readonly record struct Place(TimeSpan Wait, bool IsTaken);

    private sealed class Bucket(int perMinute, TimeProvider timeProvider)
    {
        private readonly Lock _lock = new();
        private readonly double _capacity = perMinute / 6d;
        private readonly double _perSecond = perMinute * 5d / 6d / 60d;
        private double _tokens = perMinute / 6d;
        private long _at = timeProvider.GetTimestamp();

        internal Place Take()
        {
            lock (_lock)
            {
                var now = timeProvider.GetTimestamp();
                _tokens = Math.Min(_capacity, _tokens + (timeProvider.GetElapsedTime(_at, now).TotalSeconds * _perSecond));
                _at = now;
                // Tokens below zero are places of calls that wait.
                var wait = _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
                if (wait > LongestWait)
                {
                    return new Place(wait, IsTaken: false);
                }

                _tokens--;
                return new Place(wait, IsTaken: true);
            }
        }

        internal void GiveBack()
        {
            lock (_lock)
            {
                _tokens++;
            }
        }
    }
}

/// <summary>Has every call, also a repeated one, pass the gate.</summary>
/// <param name="gate">The gate of this process.</param>
/// <param name="metrics">Counts who waits.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PaddleRateGateHandler(PaddleRateGate gate, PaddleClientMetrics metrics, TimeProvider timeProvider) : DelegatingHandler
{
    internal static readonly HttpRequestOptionsKey<bool> IsPricePreview = new("BotGeneric.Paddle.PricePreview");

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isPreview = request.Options.TryGetValue(IsPricePreview, out var value) && value;
        var place = gate.Take(isPreview);
        if (!place.IsTaken)
        {
            metrics.Waited(place.Wait, isRefused: true);
            return Refuse(request, place.Wait);
        }

        if (place.Wait > TimeSpan.Zero)
        {
            metrics.Waited(place.Wait, isRefused: false);
            try
            {
                await Task.Delay(place.Wait, timeProvider, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                gate.GiveBack(isPreview);
                throw;
            }
        }

        return await base.SendAsync(request, cancellationToken);
    }

    // In Paddle's own words, so that whoever reads it need not know who refused.
    private static HttpResponseMessage Refuse(HttpRequestMessage request, TimeSpan wait) => new(HttpStatusCode.TooManyRequests)
    {
        RequestMessage = request,
        Headers = { RetryAfter = RetryConditionHeaderValue.Parse(Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)) },
        Content = new StringContent("""{"error":{"type":"request_error","code":"too_many_requests"}}"""),
    };
}
