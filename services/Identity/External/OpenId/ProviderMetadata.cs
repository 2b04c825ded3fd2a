using System.Collections.Concurrent;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BotGeneric.Identity.External.OpenId;

/// <summary>
/// The discovery documents and keys of providers, read when they are first needed and kept for hours. While a provider does not answer, what
/// was read last stays good. The library's own cache renews in the background, so the first sign-in after a change of keys would fail with it;
/// this one renews at once, but at most once a minute, so that forged tokens do not make us hammer a provider.
/// </summary>
internal sealed partial class ProviderMetadata(ProviderBackchannel backchannel, TimeProvider time, ILogger<ProviderMetadata> logger)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan RenewalPause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>What is known of a provider.</summary>
    /// <exception cref="HttpRequestException">It cannot be read, and never could.</exception>
    /// <exception cref="InvalidOperationException">It is not what it should be.</exception>
    internal Task<OpenIdConnectConfiguration> GetAsync(ExternalProvider provider, CancellationToken cancellationToken) =>
        ReadAsync(provider, Lifetime, cancellationToken);

    /// <summary>Reads it again because a key is missing from it, unless that was done within the last minute.</summary>
    internal Task<OpenIdConnectConfiguration> RenewAsync(ExternalProvider provider, CancellationToken cancellationToken) =>
        ReadAsync(provider, RenewalPause, cancellationToken);

    private async Task<OpenIdConnectConfiguration> ReadAsync(ExternalProvider provider, TimeSpan maximumAge, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(provider.Name, _ => new Entry());
        if (entry.Current is { } current && time.GetUtcNow() - current.At < maximumAge)
        {
            return current.Configuration;
        }

        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (entry.Current is { } meanwhile && time.GetUtcNow() - meanwhile.At < maximumAge)
            {
                return meanwhile.Configuration;
            }

            var read = await OpenIdConnectConfigurationRetriever.GetAsync($"{provider.Issuer}/.well-known/openid-configuration", backchannel, cancellationToken);
            Check(provider, read);
            entry.Current = new Reading(read, time.GetUtcNow());
            return read;
        }
        catch (Exception exception) when (entry.Current is not null && exception is not OperationCanceledException)
        {
            // The old one may do; asking again waits for the pause.
            LogKeptOld(logger, exception, provider.Name);
            entry.Current = entry.Current with { At = time.GetUtcNow() - Lifetime + RenewalPause };
            return entry.Current.Configuration;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private static void Check(ExternalProvider provider, OpenIdConnectConfiguration read)
    {
        if (read.Issuer?.TrimEnd('/') != provider.Issuer)
        {
            throw new InvalidOperationException($"The discovery document of '{provider.Name}' names another issuer than its address.");
        }

        if (string.IsNullOrEmpty(read.AuthorizationEndpoint) || string.IsNullOrEmpty(read.TokenEndpoint) || read.SigningKeys.Count == 0)
        {
            throw new InvalidOperationException($"The discovery document of '{provider.Name}' lacks an endpoint or keys.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in provider {Provider} cannot be read again; what was read before is used")]
    private static partial void LogKeptOld(ILogger logger, Exception exception, string provider);

    private sealed record Reading(OpenIdConnectConfiguration Configuration, DateTimeOffset At);

    private sealed class Entry
    {
        private volatile Reading? _current;

        internal SemaphoreSlim Gate { get; } = new(1, 1);

        internal Reading? Current
        {
            get => _current;
            set => _current = value;
        }
    }
}
