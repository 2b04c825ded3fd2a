namespace BotGeneric.Identity.Pages.Registration;

/// <summary>The registration page.</summary>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours.</param>
/// <param name="MinimumLength">The shortest password.</param>
/// <param name="Email">What was typed.</param>
/// <param name="DisplayName">What was typed.</param>
/// <param name="Errors">What is wrong, by the field's name.</param>
public sealed record RegisterModel(
    string ReturnUrl, int MinimumLength, string? Email, string? DisplayName, IReadOnlyDictionary<string, string> Errors);

/// <summary>The page that a link leads to.</summary>
/// <param name="Token">The link's secret.</param>
/// <param name="IsSameBrowser">Whether the registration began in this browser.</param>
/// <param name="MinimumLength">The shortest password.</param>
/// <param name="PasswordError">What is wrong with the password that was chosen first.</param>
/// <param name="NewPasswordError">What is wrong with the new one.</param>
public sealed record VerifyModel(string Token, bool IsSameBrowser, int MinimumLength, string? PasswordError = null, string? NewPasswordError = null);
