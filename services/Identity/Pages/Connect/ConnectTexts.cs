using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>The texts of consent, devices, the end of a session, and applications.</summary>
internal static class ConnectTexts
{
    private static readonly PageTexts Texts = new(typeof(ConnectTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Get(string key, params object?[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);

    /// <summary>What a scope allows, in words.</summary>
    internal static string Scope(string scope) => Texts[$"scope.{scope}"];
}
