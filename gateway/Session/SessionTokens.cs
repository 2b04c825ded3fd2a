using System.Collections.Concurrent;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Revocation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Session;

/// <summary>How a session stands after its token was looked at.</summary>
internal enum SessionOutcome
{
    /// <summary>Its token can be used.</summary>
    Valid,

    /// <summary>It is over.</summary>
    Ended,

    /// <summary>Its token has expired or is out of date, and Identity cannot be asked.</summary>
    Unavailable,
}

/// <summary>An outcome and the ticket that goes with it.</summary>
/// <param name="Outcome">How the session stands.</param>
/// <param name="Ticket">The ticket to use when it is valid.</param>
internal readonly record struct SessionResult(SessionOutcome Outcome, AuthenticationTicket? Ticket);

/// <summary>
/// Exchanges a session's access token before it expires, or when what it says was changed: once, however many requests need it. Within the process they wait for one task; among
/// gateways a lock in Redis lets one go and the others read what it wrote. A refresh token that is used twice counts as stolen.
/// </summary>
internal sealed partial class SessionTokens(
    RedisTicketStore store,
    IdentityClient identity,
    Revocations revocations,
    IConnectionMultiplexer redis,
    IOptions<BrowserSessionOptions> options,
    TimeProvider timeProvider,
    ILogger<SessionTokens> logger)
{
    // Longer than two attempts at Identity may take, so that nobody else begins while one is under way.
    private static readonly TimeSpan LockLifetime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    // A request may go unanswered after Identity has exchanged the token. It accepts the old one for half a minute more.
    private const int Attempts = 2;

    private readonly ConcurrentDictionary<string, Task<SessionResult>> _flights = new(StringComparer.Ordinal);

    /// <summary>Makes sure that a session's access token can be used.</summary>
    /// <param name="key">The session.</param>
    /// <param name="ticket">The session as it was read.</param>
    /// <param name="cancellationToken">Ends the waiting, not the exchange, which others wait for too.</param>
    internal ValueTask<SessionResult> EnsureAsync(string key, AuthenticationTicket ticket, CancellationToken cancellationToken)
    {
        if (IsFresh(ticket))
        {
            return new ValueTask<SessionResult>(new SessionResult(SessionOutcome.Valid, ticket));
        }

        return new ValueTask<SessionResult>(ExchangedAsync(key, ticket, cancellationToken));
    }

    /// <summary>
    /// Exchanges a session's access token whatever it says, because what it says was changed a moment ago. Every gateway has the new one when this returns: it is in the store
    /// that they share. Begins after the change by no clock, but because it is called after it; an exchange that is under way may know nothing of it and is waited for.
    /// </summary>
    /// <param name="key">The session.</param>
    /// <param name="ticket">The session as it was read.</param>
    /// <param name="cancellationToken">Ends the waiting, not the exchange.</param>
    /// <returns>Never <see cref="SessionOutcome.Valid"/> with the token of before.</returns>
    internal async Task<SessionResult> RenewAsync(string key, AuthenticationTicket ticket, CancellationToken cancellationToken)
    {
        while (true)
        {
            var flight = Flight(key, ticket, isDemanded: true, out var isMine);
            if (isMine)
            {
                return await flight.WaitAsync(cancellationToken);
            }

            await ((Task)flight).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            // One that has ended and is still there would be found again and again.
            _flights.TryRemove(KeyValuePair.Create(key, flight));
        }
    }

    private async Task<SessionResult> ExchangedAsync(string key, AuthenticationTicket ticket, CancellationToken cancellationToken)
    {
        var result = await Flight(key, ticket, isDemanded: false, out _).WaitAsync(cancellationToken);
        // What was changed while an exchange was under way, that exchange may not know.
        return result.Ticket is { } current && IsOutdated(current)
            ? await Flight(key, current, isDemanded: false, out _).WaitAsync(cancellationToken)
            : result;
    }

    private Task<SessionResult> Flight(string key, AuthenticationTicket ticket, bool isDemanded, out bool isMine)
    {
        var mine = new TaskCompletionSource<SessionResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(key, mine.Task);
        isMine = flight == mine.Task;
        if (isMine)
        {
            _ = FlyAsync();
        }

        return flight;

        async Task FlyAsync()
        {
            try
            {
                mine.SetResult(await RefreshAsync(key, ticket, isDemanded));
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogUnavailable(logger, exception.GetType().Name);
                mine.SetResult(Without(ticket, isDemanded));
            }
            catch (Exception exception)
            {
                mine.SetException(exception);
            }
            finally
            {
                _flights.TryRemove(KeyValuePair.Create(key, mine.Task));
            }
        }
    }

    private async Task<SessionResult> RefreshAsync(string key, AuthenticationTicket ticket, bool isDemanded)
    {
        var database = redis.GetDatabase();
        var name = $"session-refresh:{key}";
        var owner = Guid.NewGuid().ToString("N");
        var started = timeProvider.GetTimestamp();
        while (!await database.StringSetAsync(name, owner, LockLifetime, When.NotExists))
        {
            if (timeProvider.GetElapsedTime(started) > LockLifetime)
            {
                return Without(ticket, isDemanded);
            }

            await Task.Delay(Poll, timeProvider);
            if (await store.RetrieveAsync(key) is not { } read)
            {
                return new SessionResult(SessionOutcome.Ended, null);
            }

            if (!isDemanded && IsFresh(read))
            {
                return new SessionResult(SessionOutcome.Valid, read);
            }
        }

        try
        {
            // Whoever had the lock before may have done it.
            if (await store.RetrieveAsync(key) is not { } current)
            {
                return new SessionResult(SessionOutcome.Ended, null);
            }

            return !isDemanded && IsFresh(current) ? new SessionResult(SessionOutcome.Valid, current) : await ExchangeAsync(key, current, isDemanded);
        }
        finally
        {
            await database.LockReleaseAsync(name, owner);
        }
    }

    private async Task<SessionResult> ExchangeAsync(string key, AuthenticationTicket ticket, bool isDemanded)
    {
        if (ticket.Properties.GetTokenValue(SessionTicket.RefreshToken) is not { Length: > 0 } refreshToken)
        {
            return Without(ticket, isDemanded) is { Outcome: SessionOutcome.Valid } valid ? valid : await EndAsync(key);
        }

        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var asked = timeProvider.GetUtcNow();
            var result = await identity.RefreshAsync(refreshToken, CancellationToken.None);
            switch (result.Outcome)
            {
                case TokenOutcome.Granted:
                    var renewed = SessionTicket.Renew(ticket, result.Answer!, asked);
                    // Ended meanwhile: it stays ended, and the new token is not left lying about.
                    if (await store.TryReplaceAsync(key, renewed))
                    {
                        return new SessionResult(SessionOutcome.Valid, renewed);
                    }

                    await identity.RevokeAsync(renewed.Properties.GetTokenValue(SessionTicket.RefreshToken)!, CancellationToken.None);
                    return new SessionResult(SessionOutcome.Ended, null);
                case TokenOutcome.Refused:
                    return await EndAsync(key);
            }
        }

        return Without(ticket, isDemanded);
    }

    private async Task<SessionResult> EndAsync(string key)
    {
        await store.RemoveAsync(key);
        return new SessionResult(SessionOutcome.Ended, null);
    }

    // One that says what is not so any more would let a person act in the name of those they have left.
    private SessionResult Without(AuthenticationTicket ticket, bool isDemanded) =>
        !isDemanded && ticket.Properties.TokenExpiry() > timeProvider.GetUtcNow() && !IsOutdated(ticket)
        ? new SessionResult(SessionOutcome.Valid, ticket)
        : new SessionResult(SessionOutcome.Unavailable, null);

    private bool IsFresh(AuthenticationTicket ticket) =>
        ticket.Properties.TokenExpiry() - timeProvider.GetUtcNow() > options.Value.RefreshBefore && !IsOutdated(ticket);

    private bool IsOutdated(AuthenticationTicket ticket) =>
        revocations.IsOutdated(ticket.Principal.FindFirst("sid")?.Value, ticket.Properties.TokenAsked());

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session's token could not be exchanged: Redis does not answer ({Reason})")]
    private static partial void LogUnavailable(ILogger logger, string reason);
}
