using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>No token can be judged: the issuer's keys have not been fetched yet.</summary>
public sealed class SigningKeysUnknownException() : InvalidOperationException("The issuer's keys are not known: they could not be fetched yet.");

/// <summary>
/// The issuer's public keys, kept up to date without making anything depend on the issuer being there: keys that are known stay in use
/// until others have been fetched, and whoever has one of them never waits.
/// </summary>
/// <remarks>
/// The framework's ConfigurationManager refreshes in the background when a key is unknown, so the first request after a change of keys is
/// refused although its token is good; and it goes on accepting keys that the issuer has withdrawn for an hour. This one lets the request with the
/// unknown key wait for the refresh, at most one every <see cref="BaseConfigurationManager.RefreshInterval"/> however many forged
/// tokens arrive, and drops withdrawn keys with the next refresh.
/// </remarks>
internal sealed partial class SigningKeys : BaseConfigurationManager, IConfigurationManager<OpenIdConnectConfiguration>
{
    /// <summary>How long to wait between attempts while no key is known at all.</summary>
    internal static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    // The processes of a system start together, and the issuer is not the first that is ready: so long it is no news.
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(1);

    private readonly ISigningKeySource _source;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<SigningKeys> _logger;
    private readonly DateTimeOffset _createdAt;
    private readonly Lock _lock = new();
    // The token handler asks for a refresh and then for the configuration, in one flow: that flow, and no other, waits for the answer.
    private readonly AsyncLocal<Task?> _awaited = new();
    private volatile OpenIdConnectConfiguration? _current;
    private DateTimeOffset _loadedAt;
    // In ticks, so that whoever only looks takes no lock.
    private long _dueAt;
    private DateTimeOffset _attemptedAt = DateTimeOffset.MinValue;
    private Task? _loading;
    private bool _isFailing;

    public SigningKeys(ISigningKeySource source, TimeProvider timeProvider, ILogger<SigningKeys> logger)
    {
        _source = source;
        _timeProvider = timeProvider;
        _logger = logger;
        _createdAt = timeProvider.GetUtcNow();
        RefreshInterval = TimeSpan.FromSeconds(30);
        AutomaticRefreshInterval = TimeSpan.FromMinutes(5);
        UseLastKnownGoodConfiguration = false;
    }

    /// <summary>Whether any token can be judged.</summary>
    internal bool AreKnown => _current is not null;

    /// <summary>The keys in use, without waiting. Begins a refresh that is due.</summary>
    /// <param name="now">The present moment.</param>
    /// <returns>The keys, as one object until others are loaded; null: none are known yet.</returns>
    internal OpenIdConnectConfiguration? Peek(DateTimeOffset now)
    {
        if (now.UtcTicks >= Volatile.Read(ref _dueAt))
        {
            BeginWhatIsDue();
        }

        return _current;
    }

    /// <exception cref="SigningKeysUnknownException">No keys have been fetched yet and the attempt failed.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        var loading = BeginWhatIsDue();
        if ((AreKnown ? _awaited.Value : loading) is { } awaited)
        {
            await awaited.WaitAsync(cancel);
        }

        return _current ?? throw new SigningKeysUnknownException();
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => await GetConfigurationAsync(cancel);

    public override void RequestRefresh()
    {
        lock (_lock)
        {
            if (_loading is null && _timeProvider.GetUtcNow() - _attemptedAt >= RefreshInterval)
            {
                Begin();
            }

            _awaited.Value = _loading;
        }
    }

    private Task? BeginWhatIsDue()
    {
        lock (_lock)
        {
            if (_timeProvider.GetUtcNow().UtcTicks >= _dueAt && _loading is null)
            {
                Begin();
            }

            return _loading;
        }
    }

    private void Begin()
    {
        _attemptedAt = _timeProvider.GetUtcNow();
        Volatile.Write(ref _dueAt, long.MaxValue);
        _loading = Task.Run(LoadAsync);
    }

    private async Task LoadAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(LoadTimeout, _timeProvider);
            var keys = await _source.LoadAsync(timeout.Token);
            if (keys.Count == 0)
            {
                throw new InvalidOperationException("The issuer's answer holds no key that can sign.");
            }

            var loaded = new OpenIdConnectConfiguration();
            foreach (var key in keys)
            {
                loaded.SigningKeys.Add(key);
            }

            if (_isFailing)
            {
                _isFailing = false;
                LogRecovered(_logger, keys.Count);
            }

            Finish(loaded);
        }
        // Whatever is wrong with the issuer's answer, the keys that are known go on.
        catch (Exception exception)
        {
            if (!_isFailing && (AreKnown || _timeProvider.GetUtcNow() - _createdAt >= StartTime))
            {
                _isFailing = true;
                LogFailed(_logger, exception, AreKnown);
            }

            Finish(loaded: null);
        }
    }

    private void Finish(OpenIdConnectConfiguration? loaded)
    {
        lock (_lock)
        {
            _loading = null;
            if (loaded is not null)
            {
                _current = loaded;
                _loadedAt = _timeProvider.GetUtcNow();
            }

            Volatile.Write(ref _dueAt, DueAt().UtcTicks);
        }
    }

    private DateTimeOffset DueAt()
    {
        if (!AreKnown)
        {
            return _attemptedAt + RetryInterval;
        }

        var (byAge, byAttempt) = (_loadedAt + AutomaticRefreshInterval, _attemptedAt + RefreshInterval);
        return byAge > byAttempt ? byAge : byAttempt;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the token issuer could not be fetched; there are known ones to go on with: {AreKnown}")]
    private static partial void LogFailed(ILogger logger, Exception exception, bool areKnown);

    [LoggerMessage(Level = LogLevel.Information, Message = "The keys of the token issuer are there again: {Count}")]
    private static partial void LogRecovered(ILogger logger, int count);
}

/// <summary>Fetches the keys when the process starts, so that an issuer that goes away before the first request does no harm. The start does not wait for it.</summary>
/// <param name="options">Names the keys in use.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class SigningKeyPrefetch(IOptionsMonitor<JwtBearerOptions> options, TimeProvider timeProvider) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Get(ApiAuthentication.Scheme).ConfigurationManager is not SigningKeys keys)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await keys.GetConfigurationAsync(stoppingToken);
                return;
            }
            catch (SigningKeysUnknownException)
            {
                // It has been logged; a request that comes meanwhile makes the same attempts.
                await Task.Delay(SigningKeys.RetryInterval, timeProvider, stoppingToken);
            }
        }
    }
}
