using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Pages;

/// <summary>Sends an answer to the client by a form that submits itself: OAuth 2.0 Form Post Response Mode.</summary>
internal static class FormPostPage
{
    internal static ContentHttpResult Show(
        HttpContext context, SignInProvider provider, string redirectUri, IEnumerable<(string Name, string Value)> values)
    {
        var fields = string.Concat(values.Select(value => $"<input type=\"hidden\" name=\"{Html.Encode(value.Name)}\" value=\"{Html.Encode(value.Value)}\">\n"));
        return Html.Page(
            context,
            $"Sign in with {provider.Title} (simulated)",
            $"""
            <form method="post" action="{Html.Encode(redirectUri)}">
            {fields}<button type="submit">Continue to the application</button>
            </form>
            """,
            formTarget: redirectUri,
            script: "document.forms[0].submit();");
    }
}
