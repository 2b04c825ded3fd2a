using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Session;
using BotGeneric.Messaging.Broadcasts;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Revocation;

/// <summary>Hears what Identity takes back and changes.</summary>
internal static class RevocationExtensions
{
    internal static void AddRevocation(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Revocations>();
        builder.Services.AddSingleton<KeyRevocationHandler>();
        builder.Services.AddSingleton<SessionRevocationHandler>();
        builder.Services.AddSingleton<SessionChangeHandler>();
        builder.AddBroadcasts("gateway", broadcasts => broadcasts
            .On<ApiKeyRevoked, KeyRevocationHandler>()
            .On<SessionsRevoked, SessionRevocationHandler>()
            .On<SessionChanged, SessionChangeHandler>());
    }
}

/// <summary>Forgets a key, so that the next request with it asks Identity.</summary>
internal sealed class KeyRevocationHandler(KeyResolver keys, Revocations revocations) : IBroadcastHandler<ApiKeyRevoked>
{
    public Task HandleAsync(ApiKeyRevoked @event, CancellationToken cancellationToken)
    {
        revocations.Key(@event.KeyId, @event.OccurredAt);
        keys.Forget(@event.KeyId);
        return Task.CompletedTask;
    }

    public Task ResetAsync(CancellationToken cancellationToken)
    {
        keys.ForgetEverything();
        return Task.CompletedTask;
    }
}

/// <summary>Ends sessions: at once in this process' memory, then in Redis for every gateway.</summary>
internal sealed partial class SessionRevocationHandler(
    Revocations revocations, KeyResolver keys, RedisTicketStore tickets, ILogger<SessionRevocationHandler> logger) : IBroadcastHandler<SessionsRevoked>
{
    public async Task HandleAsync(SessionsRevoked @event, CancellationToken cancellationToken)
    {
        if (@event.SessionIds is { } sessions)
        {
            foreach (var session in sessions)
            {
                revocations.Session(session);
            }
        }
        else
        {
            revocations.User(@event.UserId, @event.OccurredAt);
            // A person who is locked has keys that do not work any more either.
            keys.ForgetAccount(@event.UserId.ToString("D"));
        }

        try
        {
            await (@event.SessionIds is { } ended
                ? Task.WhenAll(ended.Select(session => tickets.RemoveSessionAsync(session.ToString("D"))))
                : tickets.RemoveSubjectAsync(@event.UserId.ToString("D"), @event.OccurredAt));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The memory above refuses them for longer than their tokens live, and Identity refreshes none of them.
            LogKept(logger, exception.GetType().Name);
        }
    }

    // Sessions are not a cache: what was revoked unheard ends with the next refresh of its token.
    public Task ResetAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Revoked sessions could not be deleted ({Reason}); they are refused from memory")]
    private static partial void LogKept(ILogger logger, string reason);
}

/// <summary>Has a session's token exchanged before its next request.</summary>
internal sealed class SessionChangeHandler(Revocations revocations) : IBroadcastHandler<SessionChanged>
{
    public Task HandleAsync(SessionChanged @event, CancellationToken cancellationToken)
    {
        revocations.Change(@event.SessionId);
        return Task.CompletedTask;
    }

    // What was changed unheard shows with the next exchange of the session's token.
    public Task ResetAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
