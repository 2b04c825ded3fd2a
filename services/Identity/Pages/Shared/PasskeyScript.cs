namespace BotGeneric.Identity.Pages.Shared;

/// <summary>The script that talks to the browser's authenticator.</summary>
internal static class PasskeyScript
{
    /// <summary>The modules that a page with a passkey button needs.</summary>
    public static IReadOnlyList<string> Modules { get; } = ["_content/BotGeneric.WebUi/passkeys.js"];
}

/// <summary>The names of other providers, which are the same in every language.</summary>
internal static class Providers
{
    public static string NameOf(string provider) => provider switch
    {
        "google" => "Google",
        "apple" => "Apple",
        "telegram" => "Telegram",
        _ => provider,
    };
}
