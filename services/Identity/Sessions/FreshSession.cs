namespace BotGeneric.Identity.Sessions;

/// <summary>The demand of a credential that was shown a moment ago.</summary>
public static class FreshSession
{
    /// <summary>Where to go first when the last credential is too old for something that matters.</summary>
    /// <param name="current">Who is signed in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Says how old is too old.</param>
    /// <param name="returnUrl">Where to come back to: a path of ours.</param>
    /// <returns>The path of the page that asks for the credential; null when the session is fresh.</returns>
    public static string? ConfirmationNeeded(this CurrentSession current, TimeProvider time, UserSessionOptions options, string returnUrl)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        return current.IsFresh(time.GetUtcNow(), options.Fresh) ? null : $"/account/confirm?returnUrl={Uri.EscapeDataString(returnUrl)}";
    }
}
