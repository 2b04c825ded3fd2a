namespace BotGeneric.Identity.Sessions;

/// <summary>What matters is done only by somebody who showed a credential a moment ago.</summary>
public static class FreshSession
{
    /// <summary>Where to send somebody who must show a credential again first.</summary>
    /// <param name="current">Who is signed in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How recent is recent enough.</param>
    /// <param name="returnUrl">Where to go on afterwards: a path of ours.</param>
    /// <returns>A path of ours, or null when nothing needs to be shown.</returns>
    public static string? ConfirmationNeeded(this CurrentSession current, TimeProvider time, UserSessionOptions options, string returnUrl)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        return current.IsFresh(time.GetUtcNow(), options.Fresh) ? null : $"/account/confirm?returnUrl={Uri.EscapeDataString(returnUrl)}";
    }
}
