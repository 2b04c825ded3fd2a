using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Revocation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Session;

/// <summary>From the cookie to a session whose token can be passed on.</summary>
internal sealed partial class SessionAuthenticator(
    SessionTokens tokens,
    RedisTicketStore store,
    Revocations revocations,
    IConnectionMultiplexer redis,
    IOptionsMonitor<CookieAuthenticationOptions> cookies,
    ILogger<SessionAuthenticator> logger)
{
    private static readonly AuthenticateResult Over = AuthenticateResult.Fail("The session is over.");

    internal ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context)
    {
        var options = cookies.Get(EdgeSchemes.Session);
        return context.Request.Cookies.ContainsKey(options.Cookie.Name!)
            ? ReadAsync(context, options)
            : new ValueTask<AuthenticateResult>(AuthenticateResult.NoResult());
    }

    /// <summary>Takes the cookie from the browser.</summary>
    internal void Forget(HttpContext context)
    {
        var options = cookies.Get(EdgeSchemes.Session);
        options.CookieManager.DeleteCookie(context, options.Cookie.Name!, options.Cookie.Build(context));
    }

    private async ValueTask<AuthenticateResult> ReadAsync(HttpContext context, CookieAuthenticationOptions options)
    {
        var edge = EdgeRequest.Of(context);
        try
        {
            // A command waits for a connection that is away; a browser should not have to.
            if (!redis.IsConnected)
            {
                edge.IsUnavailable = true;
                return Over;
            }

            var read = await context.AuthenticateAsync(EdgeSchemes.Session);
            if (read is not { Succeeded: true, Ticket: { } ticket } || ticket.Properties.Key() is not { } key)
            {
                return read;
            }

            if (IsRevoked(ticket))
            {
                await store.RemoveAsync(key);
                Forget(context);
                return Over;
            }

            var result = await tokens.EnsureAsync(key, ticket, context.RequestAborted);
            // Looked at again: the exchange takes a while, and a revocation in between wins.
            if (result.Outcome == SessionOutcome.Ended || (result.Ticket is { } current && IsRevoked(current)))
            {
                Forget(context);
                return Over;
            }

            if (result.Outcome == SessionOutcome.Unavailable)
            {
                edge.IsUnavailable = true;
                return Over;
            }

            edge.Kind = CredentialKind.Session;
            edge.Account = EdgeAuthenticator.AccountOf(result.Ticket!.Principal);
            edge.Authorization = "Bearer " + result.Ticket.Properties.GetTokenValue(SessionTicket.AccessToken);
            return AuthenticateResult.Success(result.Ticket);
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
        {
            LogUnavailable(logger, exception.GetType().Name);
            edge.IsUnavailable = true;
            return Over;
        }
    }

    private bool IsRevoked(AuthenticationTicket ticket) => revocations.CoverSession(
        ticket.Principal.FindFirst("sub")?.Value, ticket.Principal.FindFirst("sid")?.Value, ticket.Properties.Since());

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session could not be read: Redis does not answer ({Reason})")]
    private static partial void LogUnavailable(ILogger logger, string reason);
}
