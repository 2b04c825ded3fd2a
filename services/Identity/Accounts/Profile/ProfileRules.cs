using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Problems;

namespace BotGeneric.Identity.Accounts.Profile;

/// <summary>What is wrong with a field of a profile.</summary>
public enum ProfileFault
{
    /// <summary>The name is longer than 100 characters or holds characters that are not seen.</summary>
    DisplayName,

    /// <summary>The picture's address is no https address of at most 500 characters.</summary>
    AvatarUrl,

    /// <summary>The language is none of ours.</summary>
    Language,

    /// <summary>The time zone is not known.</summary>
    TimeZone,
}

/// <summary>What a person says about themselves.</summary>
/// <param name="DisplayName">What to be called; null or empty: nothing.</param>
/// <param name="AvatarUrl">An https address of a picture; null or empty: none.</param>
/// <param name="Language"><c>en</c>, <c>ru</c> or <c>uk</c>.</param>
/// <param name="TimeZone">An IANA time zone, such as <c>Europe/Kyiv</c>.</param>
public sealed record ProfileValues(string? DisplayName, string? AvatarUrl, string Language, string TimeZone);

/// <summary>What a profile may say.</summary>
public static class ProfileRules
{
    /// <summary>The longest address of a picture.</summary>
    public const int MaximumAvatarUrl = 500;

    /// <summary>Looks at a profile.</summary>
    /// <param name="values">The profile.</param>
    /// <returns>What is wrong; empty: nothing.</returns>
    public static IReadOnlyList<ProfileFault> Check(ProfileValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var faults = new List<ProfileFault>();
        if (!IsName(values.DisplayName))
        {
            faults.Add(ProfileFault.DisplayName);
        }

        if (!string.IsNullOrWhiteSpace(values.AvatarUrl) && !IsPicture(values.AvatarUrl))
        {
            faults.Add(ProfileFault.AvatarUrl);
        }

        if (!ProblemTexts.Languages.Contains(values.Language, StringComparer.Ordinal))
        {
            faults.Add(ProfileFault.Language);
        }

        if (!IsTimeZone(values.TimeZone))
        {
            faults.Add(ProfileFault.TimeZone);
        }

        return faults;
    }

    /// <summary>Whether a text can be a name. None is one too.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string? name) => string.IsNullOrWhiteSpace(name) || PublicName.TryRead(name, out _);

    private static bool IsPicture(string address) =>
        address.Length <= MaximumAvatarUrl && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && !address.Any(character => char.IsControl(character) || char.IsWhiteSpace(character));

    private static bool IsTimeZone(string? id) =>
        id is { Length: > 0 and <= 60 } && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId;
}
