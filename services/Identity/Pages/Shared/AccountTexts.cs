using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Shared;

/// <summary>The texts around the account's pages.</summary>
internal static class AccountTexts
{
    private static readonly PageTexts Texts = new(typeof(AccountTexts));

    internal static string Get(string key) => Texts[key];
}
