using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity.V1;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External.Telegram;

/// <summary>What Telegram signed with the bot's token.</summary>
/// <param name="Proof">Who it is.</param>
/// <param name="Fingerprint">What it is remembered by once it was used.</param>
/// <param name="ExpiresAt">When it is too old to be used, UTC.</param>
internal sealed record TelegramProof(ExternalProof Proof, byte[] Fingerprint, DateTimeOffset ExpiresAt);

/// <summary>
/// Checks the data of Mini Apps (https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app) and of the legacy widget
/// (https://core.telegram.org/widgets/login#checking-authorization).
/// </summary>
internal sealed class TelegramProofs(IOptions<ExternalSignInOptions> options, TimeProvider time)
{
    private static readonly TimeSpan MaximumAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaximumLead = TimeSpan.FromSeconds(30);

    private readonly byte[]? _token = options.Value.Telegram.BotToken is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null;

    /// <summary>Whether there is a bot whose signatures can be checked.</summary>
    internal bool IsEnabled => _token is not null;

    /// <summary>Checks the <c>initData</c> of a Mini App.</summary>
    /// <param name="initData">The data as it came.</param>
    /// <returns>The proof, or what is wrong.</returns>
    internal (TelegramProof? Proof, ExternalProblem Problem) ReadMiniApp(string? initData)
    {
        if (_token is null || SignedFields.Parse(initData) is not { } fields || !fields.IsSignedWith(HMACSHA256.HashData("WebAppData"u8, _token)))
        {
            return (null, ExternalProblem.InvalidProof);
        }

        return Read(fields, PersonOf(fields["user"]));
    }

    /// <summary>Checks the fields that the legacy widget adds to the address.</summary>
    /// <param name="query">The query, without what is not the widget's.</param>
    /// <returns>The proof, or what is wrong.</returns>
    internal (TelegramProof? Proof, ExternalProblem Problem) ReadWidget(string? query)
    {
        if (_token is null || SignedFields.Parse(query) is not { } fields || !fields.IsSignedWith(SHA256.HashData(_token)))
        {
            return (null, ExternalProblem.InvalidProof);
        }

        return Read(fields, IdOf(fields["id"]) is { } id ? Person(id, fields["first_name"], fields["last_name"], fields["username"]) : null);
    }

    /// <summary>A user id of the Bot API as it is stored; null when the text is none.</summary>
    internal static string? IdOf(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id.ToString(CultureInfo.InvariantCulture) : null;

    internal static ExternalProof Person(string id, string? firstName, string? lastName, string? userName) => new(
        IdentityProviders.Telegram, Subject: null, id, Email: null, EmailVerified: false,
        ExternalProof.CleanName($"{firstName} {lastName}") ?? ExternalProof.CleanName(userName));

    private (TelegramProof? Proof, ExternalProblem Problem) Read(SignedFields fields, ExternalProof? person)
    {
        if (person is null
            || !long.TryParse(fields["auth_date"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return (null, ExternalProblem.InvalidProof);
        }

        var signedAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
        var now = time.GetUtcNow();
        return now - signedAt > MaximumAge || signedAt - now > MaximumLead
            ? (null, ExternalProblem.StaleProof)
            : (new TelegramProof(person, fields.Fingerprint, signedAt + MaximumAge), default);
    }

    private static ExternalProof? PersonOf(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            var user = document.RootElement;
            return user.ValueKind is JsonValueKind.Object
                && user.TryGetProperty("id", out var number) && number.ValueKind is JsonValueKind.Number && IdOf(number.GetRawText()) is { } id
                && !(user.TryGetProperty("is_bot", out var bot) && bot.ValueKind is JsonValueKind.True)
                    ? Person(id, Text(user, "first_name"), Text(user, "last_name"), Text(user, "username"))
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement user, string name) =>
        user.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
