using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Organizations;

/// <summary>The texts about organizations.</summary>
internal static class OrganizationTexts
{
    private static readonly PageTexts Texts = new(typeof(OrganizationTexts));

    internal static string Get(string key) => Texts[key];
}
