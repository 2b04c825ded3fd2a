using BotGeneric.Identity.Sessions;

namespace BotGeneric.Identity.Accounts;

/// <summary>What follows when somebody has shown a first credential.</summary>
public sealed class SignInFlow(SessionService sessions)
{
    /// <summary>Signs the person in, or says what else is needed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The person.</param>
    /// <param name="methods">What was shown, as <c>amr</c> values.</param>
    /// <param name="returnUrl">Where to go when it is done: a path of ours.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The path to go to next.</returns>
    public async Task<string> ContinueAsync(
        HttpContext context, User user, IReadOnlyCollection<string> methods, string returnUrl, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!user.MaySignIn)
        {
            return "/login/locked";
        }

        await sessions.StartAsync(context, user, methods, cancellationToken);
        return returnUrl;
    }
}
