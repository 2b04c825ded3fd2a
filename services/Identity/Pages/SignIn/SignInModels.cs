using BotGeneric.Identity.External;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary>The sign-in page.</summary>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours.</param>
/// <param name="Providers">Other ways to sign in.</param>
/// <param name="Email">What was typed, or whom the application expects.</param>
/// <param name="Error">What was wrong.</param>
/// <param name="Notice">What happened before.</param>
public sealed record LoginModel(
    string ReturnUrl, IReadOnlyList<ExternalProviderButton> Providers, string? Email = null, string? Error = null, string? Notice = null);

/// <summary>The page of the second factor.</summary>
/// <param name="Error">What was wrong.</param>
public sealed record SecondFactorModel(string? Error = null);

/// <summary>The page on which a credential is shown again.</summary>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours.</param>
/// <param name="HasPassword">Whether the person has a password.</param>
/// <param name="HasTotp">Whether the person has an authenticator.</param>
/// <param name="HasPasskey">Whether the person has a passkey.</param>
/// <param name="Providers">Linked providers that can vouch for the person.</param>
/// <param name="NeedsSecondFactor">Whether only a second factor will do.</param>
/// <param name="Error">What was wrong.</param>
public sealed record ConfirmModel(
    string ReturnUrl, bool HasPassword, bool HasTotp, bool HasPasskey, IReadOnlyList<ExternalProviderButton> Providers, bool NeedsSecondFactor = false,
    string? Error = null);
