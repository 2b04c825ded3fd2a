using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BotGeneric.Identity.Tests.External;

/// <summary>Signs as Telegram does, written from its documentation and not from the code under test.</summary>
public static class TelegramSigner
{
    public static string InitData(
        FakePerson person, DateTimeOffset at, string token = ExternalApplication.BotToken, string? user = null, params IEnumerable<(string, string)> more) => Sign(
            [
                ("user", user ?? JsonSerializer.Serialize(new { id = person.TelegramId, first_name = person.Name, username = "ivan_77" })),
                ("chat_instance", "123"), ("signature", "abc-_"), ("auth_date", Seconds(at)), .. more,
            ],
            HMACSHA256.HashData("WebAppData"u8, Encoding.UTF8.GetBytes(token)));

    public static string Widget(FakePerson person, DateTimeOffset at) => Sign(
        [("id", $"{person.TelegramId}"), ("first_name", person.Name!), ("photo_url", "https://t.me/i/userpic/320/a.jpg"), ("auth_date", Seconds(at))],
        SHA256.HashData(Encoding.UTF8.GetBytes(ExternalApplication.BotToken)));

    private static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static string Sign(List<(string Key, string Value)> fields, byte[] key)
    {
        var lines = string.Join('\n', fields.Select(field => $"{field.Key}={field.Value}").Order(StringComparer.Ordinal));
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(lines)));
        return string.Join('&', fields.Append(("hash", hash)).Select(field => $"{field.Item1}={Uri.EscapeDataString(field.Item2)}"));
    }
}
