using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Localization;
using BotGeneric.Gateway.Revocation;
using BotGeneric.Gateway.Routing;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Yarp.ReverseProxy.Transforms;

namespace BotGeneric.Gateway.Session;

/// <summary>
/// Passes on an answer of Identity that changed what the tokens of the caller's session say only when the session has new ones, at every gateway: whoever has read the answer
/// never acts as before. What others changed in a session, gateways hear of as <see cref="BotGeneric.Contracts.Identity.V1.SessionChanged"/>.
/// </summary>
internal sealed class SessionChanges(SessionTokens tokens, Revocations revocations)
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Looks at an answer before its first byte is passed on.</summary>
    /// <param name="context">The answer.</param>
    internal ValueTask ApplyAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } response || !response.Headers.NonValidated.TryGetValues(InternalHeaders.SessionChanged, out var sent))
        {
            return ValueTask.CompletedTask;
        }

        var http = context.HttpContext;
        http.Response.Headers.Remove(InternalHeaders.SessionChanged);
        return http.GetReverseProxyFeature().Cluster.Config.ClusterId == ServiceNames.Identity
            && http.Features.Get<EdgeRequest>() is { Kind: CredentialKind.Session, Result: { Ticket: { } ticket } }
            && ticket.Properties.Key() is { } key
            && Guid.TryParse(sent.ToString(), out var changed) && Guid.TryParse(ticket.Principal.FindFirst("sid")?.Value, out var session) && changed == session
                ? RenewAsync(context, key, ticket, session)
                : ValueTask.CompletedTask;
    }

    /// <summary>Answers in Identity's place when the change was made and the session could not follow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The proxy.</param>
    internal static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<Behind>() is not null && !context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("session-behind")).ExecuteAsync(context);
        }
    }

    private async ValueTask RenewAsync(ResponseTransformContext context, string key, AuthenticationTicket ticket, Guid session)
    {
        var result = await tokens.RenewAsync(key, ticket, context.CancellationToken);
        // One that is over shows with the next request.
        if (result.Outcome == SessionOutcome.Unavailable)
        {
            // Choosing again is safe, and its answer says again that the session changed.
            revocations.Change(session);
            context.SuppressResponseBody = true;
            context.HttpContext.Features.Set(Behind.Instance);
        }
    }

    private sealed class Behind
    {
        internal static readonly Behind Instance = new();
    }
}
