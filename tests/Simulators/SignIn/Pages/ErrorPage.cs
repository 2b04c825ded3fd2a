using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Pages;

/// <summary>Says to the person what must not, or cannot, be sent back to the client.</summary>
internal static class ErrorPage
{
    internal static ContentHttpResult Show(HttpContext context, SignInProvider provider, OAuthError error) => Html.Page(
        context,
        $"Sign in with {provider.Title} (simulated): access blocked",
        $"<p role=\"alert\">Error {error.Status}: <code>{Html.Encode(error.Code)}</code></p><p>{Html.Encode(error.Description)}</p>",
        status: error.Status);
}
