using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Simulators.SignIn;

/// <summary>Somebody who has an account with a provider.</summary>
/// <param name="Key">Names the person in this simulator.</param>
/// <param name="Subject">The <c>sub</c> of ID tokens.</param>
/// <param name="TelegramId">The Telegram user id; null with other providers.</param>
/// <param name="GivenName">The given name.</param>
/// <param name="FamilyName">The family name.</param>
/// <param name="Email">The address that the provider tells, with Apple perhaps a relay; null with Telegram.</param>
/// <param name="EmailVerified">Whether the provider verified it.</param>
/// <param name="IsPrivateEmail">Whether it is a relay of Apple's.</param>
/// <param name="Username">The Telegram user name, without the at sign.</param>
/// <param name="PhoneNumber">The telephone number, digits only as Telegram tells it.</param>
/// <param name="Locale">The language, such as <c>en</c>.</param>
public sealed record TestPerson(
    string Key,
    string Subject,
    long? TelegramId,
    string GivenName,
    string? FamilyName,
    string? Email,
    bool EmailVerified,
    bool IsPrivateEmail,
    string? Username,
    string? PhoneNumber,
    string Locale)
{
    /// <summary>Both names.</summary>
    internal string Name => FamilyName is null ? GivenName : $"{GivenName} {FamilyName}";

    /// <summary>A person with what was said and, for the rest, what a provider would have.</summary>
    internal static TestPerson Create(string provider, string key, PersonRequest request)
    {
        var isTelegram = provider == SignInProviders.Telegram;
        var isApple = provider == SignInProviders.Apple;
        var email = isTelegram ? null : request.Email ?? $"{key}@example.com";
        var isPrivate = isApple && request.HideEmail;
        return new TestPerson(
            key,
            // Derived, not random: the accounts of a developer's database still belong to the same people after a restart.
            Subject: request.Subject ?? provider switch
            {
                SignInProviders.Google => Digits(provider, key, 21),
                SignInProviders.Apple => $"00{Digits(provider, key, 4)}.{Hex(provider, key)}.{Digits("apple-end", key, 4)}",
                _ => Digits(provider, key, 19),
            },
            // Beyond 32 bits, as those of new users are.
            TelegramId: isTelegram ? request.TelegramId ?? 5_000_000_000 + long.Parse(Digits("telegram-id", key, 9), CultureInfo.InvariantCulture) : null,
            request.GivenName,
            request.FamilyName,
            isPrivate ? $"{Hex("relay", key)[..10]}@privaterelay.appleid.com" : email,
            email is not null && (request.EmailVerified ?? true),
            isPrivate,
            isTelegram ? request.Username : null,
            isTelegram ? request.PhoneNumber : null,
            request.Locale ?? "en");
    }

    // Never a zero in front, and at 19 digits still a number of 64 bits.
    private static string Digits(string purpose, string key, int count)
    {
        var digits = string.Concat(Hash(purpose, key).Select(value => (char)('0' + (value % 10))));
        return $"{(digits[0] - '0') % 8 + 1}{digits[1..count]}";
    }

    private static string Hex(string purpose, string key) => Convert.ToHexStringLower(Hash(purpose, key))[..32];

    private static byte[] Hash(string purpose, string key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}:{key}"));
}

/// <summary>Who a test person is. What is left out is made up.</summary>
/// <param name="GivenName">The given name.</param>
/// <param name="FamilyName">The family name; none by default.</param>
/// <param name="Email">The e-mail address. Not with Telegram, which tells none.</param>
/// <param name="EmailVerified">Whether the provider verified it; it did by default.</param>
/// <param name="HideEmail">Apple: whether a private relay is told instead.</param>
/// <param name="Username">Telegram: the user name; none by default.</param>
/// <param name="PhoneNumber">Telegram: the telephone number; none by default.</param>
/// <param name="TelegramId">Telegram: the user id, for somebody who writes to the bot too.</param>
/// <param name="Locale">The language; <c>en</c> by default.</param>
/// <param name="Subject">The <c>sub</c>; derived from the key by default.</param>
public sealed record PersonRequest(
    string GivenName,
    string? FamilyName = null,
    string? Email = null,
    bool? EmailVerified = null,
    bool HideEmail = false,
    string? Username = null,
    string? PhoneNumber = null,
    long? TelegramId = null,
    string? Locale = null,
    string? Subject = null);
