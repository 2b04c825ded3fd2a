using System.Security.Cryptography;

namespace BotGeneric.AppHost.Native;

/// <summary>Passwords that need no quoting in connection strings, URLs, SQL and configuration files.</summary>
internal static class GeneratedPassword
{
    private const int Length = 32;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);
}
