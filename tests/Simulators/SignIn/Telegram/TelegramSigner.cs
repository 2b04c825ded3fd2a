using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace BotGeneric.Simulators.SignIn.Telegram;

/// <summary>
/// Signs what Telegram hands to a Mini App (https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app) and to a page
/// with the legacy login widget (https://core.telegram.org/widgets/login#checking-authorization).
/// </summary>
/// <param name="options">The bot's token.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class TelegramSigner(IOptions<SignInOptions> options, TimeProvider timeProvider)
{
    private readonly Ed25519PrivateKeyParameters _key = new(new SecureRandom());

    /// <summary>
    /// The key with which a third party, who has no bot token, checks Mini App data: Ed25519, hexadecimal. Stands in for Telegram's own.
    /// </summary>
    public string PublicKey => Convert.ToHexStringLower(_key.GeneratePublicKey().GetEncoded());

    /// <summary>A person's picture.</summary>
    /// <param name="person">The person.</param>
    /// <returns>A URL of the shape of Telegram's; nothing is there.</returns>
    internal static string Photo(TestPerson person) => $"https://t.simulated.invalid/i/userpic/320/{person.Key}.svg";

    /// <summary>The <c>initData</c> of a Mini App.</summary>
    /// <param name="person">Who opened it.</param>
    /// <param name="authDate">When; now by default.</param>
    /// <param name="startParam">The parameter of the link that opened it; none by default.</param>
    /// <returns>The fields as a query string.</returns>
    public string InitData(TestPerson person, DateTimeOffset? authDate, string? startParam)
    {
        ArgumentNullException.ThrowIfNull(person);
        var user = new JsonObject { ["id"] = person.TelegramId, ["first_name"] = person.GivenName, ["last_name"] = person.FamilyName ?? string.Empty };
        if (person.Username is not null)
        {
            user["username"] = person.Username;
        }

        user["language_code"] = person.Locale;
        user["allows_write_to_pm"] = true;
        user["photo_url"] = Photo(person);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            // Telegram escapes slashes; a check that writes the JSON anew instead of taking it as it came fails on this.
            ["user"] = JsonSerializer.Serialize(user).Replace("/", "\\/", StringComparison.Ordinal),
            ["chat_instance"] = RandomNumberGenerator.GetInt32(1, int.MaxValue).ToString(CultureInfo.InvariantCulture),
            ["chat_type"] = "sender",
            ["auth_date"] = Seconds(authDate),
        };
        if (startParam is not null)
        {
            fields["start_param"] = startParam;
        }

        var botId = options.Value.Telegram.BotId;
        fields["signature"] = Base64Url.EncodeToString(SignEd25519($"{botId}:WebAppData\n{Lines(fields)}"));
        var secret = HMACSHA256.HashData("WebAppData"u8, Encoding.UTF8.GetBytes(options.Value.Telegram.BotToken));
        // The signature is part of what the hash covers.
        fields["hash"] = Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(Lines(fields))));
        return string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
    }

    /// <summary>The fields that the legacy widget sends.</summary>
    /// <param name="person">Who signed in.</param>
    /// <param name="authDate">When; now by default.</param>
    /// <returns>The fields by name, <c>hash</c> among them.</returns>
    public IReadOnlyDictionary<string, string> Widget(TestPerson person, DateTimeOffset? authDate)
    {
        ArgumentNullException.ThrowIfNull(person);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = person.TelegramId.GetValueOrDefault().ToString(CultureInfo.InvariantCulture),
            ["first_name"] = person.GivenName,
            ["photo_url"] = Photo(person),
            ["auth_date"] = Seconds(authDate),
        };
        if (person.FamilyName is not null)
        {
            fields["last_name"] = person.FamilyName;
        }

        if (person.Username is not null)
        {
            fields["username"] = person.Username;
        }

        var secret = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Telegram.BotToken));
        fields["hash"] = Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(Lines(fields))));
        return fields;
    }

    private static string Lines(SortedDictionary<string, string> fields) => string.Join('\n', fields.Select(field => $"{field.Key}={field.Value}"));

    private string Seconds(DateTimeOffset? time) => (time ?? timeProvider.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private byte[] SignEd25519(string text)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, _key);
        var bytes = Encoding.UTF8.GetBytes(text);
        signer.BlockUpdate(bytes, 0, bytes.Length);
        return signer.GenerateSignature();
    }
}
