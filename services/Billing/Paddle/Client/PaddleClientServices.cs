using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>Registers the client of Paddle's API.</summary>
internal static class PaddleClientServices
{
    /// <summary>The one version of Paddle's API that this client knows.</summary>
    internal const string ApiVersion = "1";

    /// <summary>How long one attempt to read may take.</summary>
    internal static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a change may take: Paddle computes taxes and asks banks while it is waited for.</summary>
    internal static readonly TimeSpan ChangeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Who is asked to come back later than this is told so, instead of being kept waiting.</summary>
    internal static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(20);

    private const int MaximumRetries = 3;
    private const int MaximumAnswerBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(500);

    internal static void AddPaddleClient(this IServiceCollection services)
    {
        services.AddSingleton<PaddleRateGate>();
        services.AddSingleton<PaddleClientMetrics>();
        services.AddTransient<PaddleRateGateHandler>();
        services.AddTransient<PaddleBufferHandler>();
        services.AddTransient<IPaddleClient, PaddleClient>();
        services.AddTransient<PaddleSettling>();

        var http = services.AddHttpClient<PaddleTransport>(Configure)
            // Its loggers would write addresses with ids and, in a query, e-mail addresses.
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.All,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                UseCookies = false,
            });
#pragma warning disable EXTEXP0001 // The common rules know neither Paddle's limits nor that a call may be left unknown.
        http.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        http.AddResilienceHandler("paddle-retry", AddRetry);
        http.AddHttpMessageHandler<PaddleRateGateHandler>();
        http.AddResilienceHandler("paddle-attempt", AddTimeout);
        http.AddHttpMessageHandler<PaddleBufferHandler>();
    }

    private static void Configure(IServiceProvider services, HttpClient client)
    {
        var options = services.GetRequiredService<IOptions<PaddleOptions>>().Value;
        client.BaseAddress = PaddleEndpoints.BaseOf(options, services.GetRequiredService<IHostEnvironment>().IsProduction());
        client.Timeout = Timeout.InfiniteTimeSpan;
        client.MaxResponseContentBufferSize = MaximumAnswerBytes;
        client.DefaultRequestHeaders.Add("Paddle-Version", ApiVersion);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(
            "BotGeneric", typeof(PaddleClientServices).Assembly.GetName().Version?.ToString(3) ?? "0"));
        if (!string.IsNullOrEmpty(options.ApiKey))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        }
    }

    // Only for reads: Paddle has no idempotency keys, so nothing else may be sent twice.
    private static void AddRetry(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        var retry = new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = MaximumRetries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstBackoff,
            ShouldRetryAfterHeader = false,
            ShouldHandle = arguments => ValueTask.FromResult(MayHelp(arguments.Outcome)),
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } response ? PaddleFailures.RetryAfterOf(response) : null),
        };
        retry.DisableForUnsafeHttpMethods();
        pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
        pipeline.AddRetry(retry);
    }

    private static bool MayHelp(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } when PaddleFailures.RetryAfterOf(response) > LongestRetryAfter => false,
        { Result.StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } => true,
        _ => false,
    };

    private static void AddTimeout(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
        pipeline.AddTimeout(new HttpTimeoutStrategyOptions
        {
            TimeoutGenerator = arguments => ValueTask.FromResult(
                arguments.Context.GetRequestMessage()?.Method == HttpMethod.Get ? ReadTimeout : ChangeTimeout),
        });
    }

    /// <summary>
    /// Reads the answer to its end inside of the attempt: one that stops in the middle is then ended and, for a read, repeated like one that
    /// never begins.
    /// </summary>
    private sealed class PaddleBufferHandler : DelegatingHandler
    {
        /// <inheritdoc />
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(MaximumAnswerBytes, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }
}
