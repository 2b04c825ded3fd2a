using System.Globalization;
using System.Resources;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Why a request is refused, in the language of the current request.</summary>
internal static class AccessTexts
{
    private static readonly ResourceManager Texts = new("BotGeneric.ServiceDefaults.Authentication.AccessTexts", typeof(AccessTexts).Assembly);

    internal static string TokenMissing => Text("token-missing");

    internal static string TokenInvalid => Text("token-invalid");

    internal static string TokenExpired => Text("token-expired");

    internal static string KeysAway => Text("keys-away");

    internal static string RoleNeeded => Text("role-needed");

    internal static string InPersonOnly => Text("in-person-only");

    internal static string ScopeNeeded(string scope) => string.Format(CultureInfo.InvariantCulture, Text("scope-needed"), scope);

    internal static string SignInAgain(int minutes) => string.Format(CultureInfo.InvariantCulture, Text("sign-in-again"), minutes);

    internal static string PersonNeeded(int minutes) => string.Format(CultureInfo.InvariantCulture, Text("person-needed"), minutes);

    private static string Text(string key) =>
        Texts.GetString(key, CultureInfo.CurrentUICulture) ?? throw new InvalidOperationException($"The text '{key}' is missing.");
}
