namespace BotGeneric.Identity.Pages.Privacy;

/// <summary>The page of a person's data.</summary>
/// <param name="DueAt">The day on which the account is deleted; null: none.</param>
/// <param name="GraceDays">How long a deletion waits.</param>
/// <param name="Hindrances">Organizations that must be handed over or closed before.</param>
/// <param name="IsLastAdmin">Whether somebody else must become an admin before.</param>
/// <param name="Error">What was wrong with the confirmation.</param>
/// <param name="Notice">What was done just now.</param>
public sealed record PrivacyModel(
    string? DueAt, int GraceDays, IReadOnlyList<string> Hindrances, bool IsLastAdmin, string? Error = null, string? Notice = null);

/// <summary>The page that asks whether a deletion shall be called off.</summary>
/// <param name="DueAt">The day on which the account is deleted.</param>
/// <param name="ReturnUrl">Where to go afterwards.</param>
public sealed record KeepModel(string DueAt, string ReturnUrl);
