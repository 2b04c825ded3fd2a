using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;

namespace BotGeneric.Identity.Sessions;

/// <summary>What an answer tells the gateway of the session in which the request was made.</summary>
internal static class SessionAnswers
{
    /// <summary>
    /// Says that tokens of a session say something that is not so any more. The gateway exchanges its own before it passes the answer on, so that the caller's next request
    /// is made with the new ones. After the change was saved, and also when there was nothing to change: an answer before may have been lost.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="sessionId">The session; null: a token without one, of which the gateway keeps nothing.</param>
    public static void TellSessionChanged(this HttpContext context, Guid? sessionId)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (sessionId is { } id)
        {
            context.Response.Headers[InternalHeaders.SessionChanged] = id.ToString("D");
        }
    }

    /// <summary>
    /// Says the same when the caller's own place in an organization is another one, or none, and the token acts in that organization's name. A session that does not has
    /// nothing to follow.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The caller.</param>
    /// <param name="organizationId">The organization.</param>
    public static void TellPlaceChanged(this HttpContext context, ClaimsPrincipal user, Guid organizationId)
    {
        if (user.OrganizationId() == organizationId)
        {
            context.TellSessionChanged(user.SessionId());
        }
    }
}
