using BotGeneric.Simulators.SignIn.Telegram;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Simulators.SignIn.Pages;

/// <summary>Opens the Mini App as Telegram does, with signed data in the fragment, and the page behind the legacy widget.</summary>
internal static class MiniAppPage
{
    private const string Title = "Telegram (simulated): Mini App and login widget";

    internal static ContentHttpResult Show(HttpContext context, TelegramProvider provider) => Html.Page(context, Title, Form(provider));

    internal static ContentHttpResult ShowSigned(
        HttpContext context, TelegramProvider provider, TelegramSigner signer, MiniAppTargets targets, TestPerson person, TimeSpan age)
    {
        var authDate = provider.Clock.GetUtcNow() - age;
        var initData = signer.InitData(person, authDate, startParam: null);
        var miniApp = $"{targets.MiniApp}#tgWebAppData={Uri.EscapeDataString(initData)}&tgWebAppVersion=9.1&tgWebAppPlatform=web";
        var widget = QueryHelpers.AddQueryString(
            targets.Widget, signer.Widget(person, authDate).Select(field => KeyValuePair.Create(field.Key, (string?)field.Value)));
        return Html.Page(
            context,
            Title,
            $"""
            <h2>{Html.Encode(person.Name)}, signed at {authDate:yyyy-MM-dd HH:mm:ss} UTC</h2>
            <p><a href="{Html.Encode(miniApp)}">Open the Mini App</a></p>
            <p><a href="{Html.Encode(widget)}">Sign in with the legacy widget</a></p>
            <label>initData <textarea readonly>{Html.Encode(initData)}</textarea></label>
            {Form(provider)}
            """);
    }

    private static string Form(TelegramProvider provider)
    {
        var people = string.Concat(provider.People.All().Select(person => $"<option value=\"{person.Key}\">{Html.Encode(person.Name)}, {person.TelegramId}</option>\n"));
        return
            $"""
            <form method="post" action="{provider.Path}/mini-app">
            <fieldset><legend>Sign data for</legend>
            <label>Person <select name="person">
            {people}</select></label>
            <label>Age of the data in minutes <input name="age" type="number" min="0" max="1000000" value="0" required></label>
            <button type="submit">Sign</button>
            </fieldset>
            </form>
            """;
    }
}
