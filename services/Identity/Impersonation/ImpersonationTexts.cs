using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Impersonation;

/// <summary>The texts of what an admin who acts as somebody else is told.</summary>
internal static class ImpersonationTexts
{
    private static readonly PageTexts Texts = new(typeof(ImpersonationTexts));

    internal static string Get(string key) => Texts[key];
}
