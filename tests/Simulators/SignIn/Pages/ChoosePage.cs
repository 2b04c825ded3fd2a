using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Pages;

/// <summary>Asks who signs in: somebody known, somebody new, or nobody.</summary>
internal static class ChoosePage
{
    internal static ContentHttpResult Show(HttpContext context, SignInProvider provider, AuthorizeRequest request, string? problem)
    {
        var start =
            $"""
            <form method="post" action="{provider.Path}/choose">
            <input type="hidden" name="request" value="{provider.Hold(request)}">
            """;
        var people = string.Concat(provider.People.All().Select(person =>
            $"<button type=\"submit\" name=\"person\" value=\"{person.Key}\">{Html.Encode(person.Name)} <small>{Html.Encode(Detail(person))}</small></button>\n"));
        var alert = problem is null ? string.Empty : $"<p role=\"alert\">{Html.Encode(problem)}</p>";
        return Html.Page(
            context,
            $"Sign in with {provider.Title} (simulated)",
            $"""
            {alert}<p>The application <code>{Html.Encode(request.Client.ClientId)}</code> asks for: <code>{Html.Encode(string.Join(' ', request.Scopes))}</code>.
            Nothing here is real: choose who you want to be.</p>
            {start}
            <fieldset><legend>Sign in as</legend>
            {people}</fieldset>
            </form>
            {start}
            <fieldset><legend>Or invent somebody</legend>
            {Fields(provider.Name)}
            <button type="submit" name="action" value="invent">Sign in as this person</button>
            </fieldset>
            </form>
            {start}
            <button type="submit" name="action" value="cancel">Cancel</button>
            </form>
            """,
            formTarget: request.RedirectUri);
    }

    private static string Detail(TestPerson person) => person switch
    {
        { TelegramId: { } id } => person.Username is null ? $"{id}" : $"@{person.Username}, {id}",
        { Email: { } email } => person.EmailVerified ? email : $"{email}, not verified",
        _ => string.Empty,
    };

    private static string Fields(string provider)
    {
        const string Names =
            """
            <label>First name <input name="given_name" required maxlength="100" autocomplete="off"></label>
            <label>Last name <input name="family_name" maxlength="100" autocomplete="off"></label>
            """;
        return Names + provider switch
        {
            SignInProviders.Google =>
                """
                <label>E-mail address <input name="email" type="email" maxlength="200" autocomplete="off"></label>
                <label><input name="email_verified" type="checkbox" value="true" checked> The address is verified</label>
                """,
            SignInProviders.Apple =>
                """
                <label>E-mail address <input name="email" type="email" maxlength="200" autocomplete="off"></label>
                <label><input name="hide_email" type="checkbox" value="true"> Hide my e-mail address</label>
                """,
            _ =>
                """
                <label>User name <input name="username" maxlength="32" autocomplete="off"></label>
                <label>Phone number <input name="phone_number" type="tel" maxlength="20" autocomplete="off"></label>
                """,
        };
    }
}
