using System.Globalization;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>Whether the session of a browser is enough for a request, and what to do when it is not.</summary>
/// <param name="request">The request.</param>
/// <param name="requestedAt">When it was made, UTC, to the second.</param>
/// <param name="now">The time, UTC.</param>
internal sealed class SignInDemand(OpenIddictRequest request, DateTimeOffset requestedAt, DateTimeOffset now)
{
    private const string UnmetRequirements = "unmet_authentication_requirements";

    /// <summary>What is missing; null: nothing.</summary>
    /// <param name="current">The session, or null.</param>
    /// <param name="hinted">The person of <c>id_token_hint</c>, or null.</param>
    public Missing? Check(CurrentSession? current, string? hinted)
    {
        if (current is null)
        {
            return new Missing(Errors.LoginRequired, "/login", request);
        }

        // Somebody else is meant. Who that is, the login page finds out.
        if (hinted is not null && hinted != current.User.Id.ToString())
        {
            return new Missing(Errors.LoginRequired, "/login", request, prompt: PromptValues.Login);
        }

        var authenticatedAt = current.Session.AuthenticatedAt;
        if (authenticatedAt < requestedAt && (request.HasPromptValue(PromptValues.Login) || IsTooOld(authenticatedAt)))
        {
            return new Missing(Errors.LoginRequired, "/account/confirm", request);
        }

        // With max_age it is the factor that must be recent: another credential shown meanwhile does not renew it.
        var factorAt = current.Session.SecondFactorAt ?? DateTimeOffset.MinValue;
        if (request.HasAcrValue(TokenServerNames.SecondFactorContext)
            && (!current.Session.HasSecondFactor || (factorAt < requestedAt && IsTooOld(factorAt))))
        {
            return new Missing(UnmetRequirements, "/account/confirm", request, factor: "mfa");
        }

        return null;
    }

    private bool IsTooOld(DateTimeOffset authenticatedAt) =>
        request.MaxAge is { } seconds && now - authenticatedAt > TimeSpan.FromSeconds(seconds);
}

/// <summary>What is missing for a request.</summary>
internal sealed class Missing(string error, string page, OpenIddictRequest request, string? prompt = null, string? factor = null)
{
    /// <summary>The error when nobody may be asked.</summary>
    public string Error => error;

    /// <summary>The page that asks, and that comes back to the request.</summary>
    public IResult Redirect(HttpContext context)
    {
        var address = QueryHelpers.AddQueryString(page, "returnUrl", QueryHelpers.AddQueryString(
            TokenServerNames.Authorize, new Dictionary<string, string?> { ["client_id"] = request.ClientId, ["request_uri"] = request.RequestUri }));
        foreach (var (name, value) in new (string, string?)[] { ("prompt", prompt), ("factor", factor), ("login_hint", request.LoginHint), ("lang", Language(context)) })
        {
            address = value is null ? address : QueryHelpers.AddQueryString(address, name, value);
        }

        return TypedResults.Redirect(address);
    }

    // The language that somebody chose here counts for more than the one an application proposes.
    private string? Language(HttpContext context) => context.Request.Cookies.ContainsKey(PageLanguage.CookieName)
        ? null
        : request.UiLocales?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(locale => locale.Split('-')[0].ToLower(CultureInfo.InvariantCulture))
            .FirstOrDefault(ServiceDefaults.Problems.ProblemTexts.Languages.Contains);
}
