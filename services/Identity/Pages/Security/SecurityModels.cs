namespace BotGeneric.Identity.Pages.Security;

/// <summary>A passkey in a list.</summary>
/// <param name="Id">Its id, as it stands in addresses.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record PasskeyRow(string Id, string? Name, DateTimeOffset CreatedAt);

/// <summary>The overview.</summary>
/// <param name="Email">The address, or null.</param>
/// <param name="HasPassword">Whether there is a password.</param>
/// <param name="HasTotp">Whether the authenticator is on.</param>
/// <param name="RecoveryCodes">How many codes are left.</param>
/// <param name="Passkeys">The passkeys.</param>
/// <param name="Notice">What was done just now.</param>
public sealed record SecurityModel(
    string? Email, bool HasPassword, bool HasTotp, int RecoveryCodes, IReadOnlyList<PasskeyRow> Passkeys, string? Notice);

/// <summary>The page on which a password is changed.</summary>
/// <param name="HasPassword">Whether there is one to be changed.</param>
/// <param name="MinimumLength">The shortest password.</param>
/// <param name="CurrentError">What is wrong with the present password.</param>
/// <param name="NewError">What is wrong with the new one.</param>
public sealed record PasswordModel(bool HasPassword, int MinimumLength, string? CurrentError = null, string? NewError = null);

/// <summary>The page on which an address is changed.</summary>
/// <param name="Current">The present address, or null.</param>
/// <param name="Email">What was typed.</param>
/// <param name="Error">What is wrong with it.</param>
public sealed record EmailModel(string? Current, string? Email = null, string? Error = null);

/// <summary>The page that a link to a new address leads to.</summary>
/// <param name="Token">The link's secret.</param>
/// <param name="Email">The new address.</param>
public sealed record EmailConfirmModel(string Token, string Email);

/// <summary>The page on which an authenticator is set up.</summary>
/// <param name="Secret">Its secret, in groups of four.</param>
/// <param name="Error">What is wrong with the code.</param>
public sealed record TotpModel(string Secret, string? Error = null);

/// <summary>The page that shows recovery codes, once.</summary>
/// <param name="Codes">The codes.</param>
public sealed record RecoveryCodesModel(IReadOnlyList<string> Codes);
