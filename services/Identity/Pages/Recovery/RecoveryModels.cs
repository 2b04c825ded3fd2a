namespace BotGeneric.Identity.Pages.Recovery;

/// <summary>The page for those who forgot their password.</summary>
/// <param name="Email">What was typed.</param>
/// <param name="Error">What is wrong with it.</param>
public sealed record ForgotModel(string? Email = null, string? Error = null);

/// <summary>The page on which a new password is chosen.</summary>
/// <param name="Token">The link's secret.</param>
/// <param name="MinimumLength">The shortest password.</param>
/// <param name="Error">What is wrong with the password.</param>
public sealed record ResetModel(string Token, int MinimumLength, string? Error = null);
