using BotGeneric.Contracts.Identity;

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
}
