namespace BotGeneric.Identity.Pages.Shared;

/// <summary>The script that talks to the browser's authenticator.</summary>
internal static class PasskeyScript
{
    /// <summary>The modules that a page with a passkey button needs.</summary>
    public static IReadOnlyList<string> Modules { get; } = ["_content/BotGeneric.WebUi/passkeys.js"];
}
