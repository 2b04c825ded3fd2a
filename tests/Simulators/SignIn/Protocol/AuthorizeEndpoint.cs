using BotGeneric.Simulators.SignIn.Pages;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>The authorization endpoint and the page behind it, the same for every provider but for what the provider says.</summary>
internal static class AuthorizeEndpoint
{
    /// <summary>Takes a request, by query or by form as OpenID Connect Core section 3.1.2.1 has it, and shows the page.</summary>
    internal static async Task<Results<ContentHttpResult, RedirectHttpResult>> StartAsync(
        SignInProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        var parameters = HttpMethods.IsPost(context.Request.Method)
            ? await OAuthParameters.OfFormAsync(context.Request, cancellationToken)
            : OAuthParameters.OfQuery(context.Request);
        if (parameters is null)
        {
            return ErrorPage.Show(context, provider, OAuthError.Request("The request cannot be read."));
        }

        if (provider.RefuseOutright(parameters) is { } refusal)
        {
            return TypedResults.Content(refusal, "text/plain; charset=utf-8", statusCode: StatusCodes.Status400BadRequest);
        }

        if (parameters.Repeated is { } repeated)
        {
            return ErrorPage.Show(context, provider, OAuthError.Request($"Repeated parameter: {repeated}"));
        }

        // Nothing may be sent to an address that was not registered, not even an error.
        if (provider.FindClient(parameters["client_id"]) is not { } client)
        {
            return ErrorPage.Show(
                context, provider, new OAuthError(OAuthError.InvalidClient, "The OAuth client was not found.", StatusCodes.Status401Unauthorized));
        }

        if (parameters["redirect_uri"] is not { } redirectUri || !provider.RedirectUris(client).Contains(redirectUri, StringComparer.Ordinal))
        {
            return ErrorPage.Show(
                context, provider, new OAuthError("redirect_uri_mismatch", "redirect_uri is not, character by character, one that is registered for the client."));
        }

        var request = new AuthorizeRequest(client, redirectUri, parameters.Words("scope"), parameters["response_mode"] ?? "query", parameters);
        if (provider.CheckAuthorize(parameters) is { } error)
        {
            return provider.ShowsErrors ? ErrorPage.Show(context, provider, error) : Refuse(context, provider, request with { ResponseMode = "query" }, error.Code);
        }

        return Decide(context, provider, request);
    }

    /// <summary>Takes what the person chose on the page.</summary>
    internal static async Task<Results<ContentHttpResult, RedirectHttpResult>> ChooseAsync(
        SignInProvider provider, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await OAuthParameters.OfFormAsync(context.Request, cancellationToken);
        // The id is a secret of this page, so it also shows that the form is ours.
        if (form?["request"] is not { } id || !provider.TryRelease(id, out var request) || request is null)
        {
            return ErrorPage.Show(context, provider, OAuthError.Request("This page was used already or is older than 10 minutes. Go back to the application and start again."));
        }

        if (form["action"] == "cancel")
        {
            return Refuse(context, provider, request, provider.CancelError);
        }

        var person = form["person"] is { } key ? provider.People.Find(key) : Invent(provider, form);
        return person is null
            ? ChoosePage.Show(context, provider, request, "Choose a person, or give at least a first name and, if any, an e-mail address with an at sign.")
            : Approve(context, provider, request, person);
    }

    private static Results<ContentHttpResult, RedirectHttpResult> Decide(HttpContext context, SignInProvider provider, AuthorizeRequest request)
    {
        if (provider.Behaviour.TakeRefusal() is { } refusal)
        {
            return Refuse(context, provider, request, refusal is ForcedOutcome.Cancel ? provider.CancelError : "server_error");
        }

        if (provider.Behaviour.AutoApprovedBy is { } key && provider.People.Find(key) is { } person)
        {
            return Approve(context, provider, request, person);
        }

        // Nobody is ever signed in here, so what may not ask cannot answer.
        return request.Parameters["prompt"] == "none"
            ? Refuse(context, provider, request, "interaction_required")
            : ChoosePage.Show(context, provider, request, problem: null);
    }

    private static TestPerson? Invent(SignInProvider provider, OAuthParameters form)
    {
        var request = new PersonRequest(
            form["given_name"]?.Trim() ?? string.Empty,
            form["family_name"]?.Trim(),
            form["email"]?.Trim(),
            // A box that is not ticked is not sent.
            EmailVerified: provider.Name == SignInProviders.Google ? form["email_verified"] is not null : null,
            HideEmail: form["hide_email"] is not null,
            Username: form["username"]?.Trim().TrimStart('@'),
            PhoneNumber: form["phone_number"]?.Trim().TrimStart('+'));
        return TestPeople.Check("invented", request) is null ? provider.People.Invent(request) : null;
    }

    private static Results<ContentHttpResult, RedirectHttpResult> Approve(
        HttpContext context, SignInProvider provider, AuthorizeRequest request, TestPerson person)
    {
        var outcome = provider.Behaviour.TakeNext();
        switch (outcome)
        {
            case ForcedOutcome.Cancel:
                return Refuse(context, provider, request, provider.CancelError);
            case ForcedOutcome.Error:
                return Refuse(context, provider, request, "server_error");
            default:
                var (code, grant) = provider.Approve(request, person, outcome);
                return Answer(
                    context, provider, request, outcome is ForcedOutcome.WrongState ? SignInProvider.NewSecret() : request.State,
                    [("code", code), .. provider.AnswerWith(grant)]);
        }
    }

    private static Results<ContentHttpResult, RedirectHttpResult> Refuse(
        HttpContext context, SignInProvider provider, AuthorizeRequest request, string error) =>
        Answer(context, provider, request, request.State, [("error", error)]);

    private static Results<ContentHttpResult, RedirectHttpResult> Answer(
        HttpContext context, SignInProvider provider, AuthorizeRequest request, string? state, IEnumerable<(string Name, string Value)> values)
    {
        var all = state is null ? values.ToArray() : [("state", state), .. values];
        if (request.ResponseMode == "form_post")
        {
            return FormPostPage.Show(context, provider, request.RedirectUri, all);
        }

        var query = QueryHelpers.AddQueryString(
            request.ResponseMode == "fragment" ? string.Empty : request.RedirectUri, all.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value)));
        return TypedResults.Redirect(request.ResponseMode == "fragment" ? $"{request.RedirectUri}#{query.TrimStart('?')}" : query);
    }
}
