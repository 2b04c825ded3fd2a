using System.Collections.Immutable;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Pages.Connect;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.TokenServer.Grants;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>
/// Somebody wants to sign in to an application. The request is well formed, is kept in the database and is named by <c>request_uri</c> when it comes here, so
/// addresses stay short on the way through the login pages, and it is known when the request was made: whoever must sign in for it must do so after that.
/// </summary>
internal static class AuthorizeEndpoint
{
    /// <summary>The field of the forms that says what the person decided.</summary>
    public const string DecisionField = "decision";

    /// <summary>The decision to go on.</summary>
    public const string Allow = "allow";

    /// <summary>The decision not to.</summary>
    public const string Deny = "deny";

    public static async Task<IResult> HandleAsync(
        HttpContext context, IOpenIddictApplicationManager clients, Consents consents, TokenSubjects subjects, TokenPrincipals principals,
        IAntiforgery antiforgery, TimeProvider time, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store";
        if (context.GetOpenIddictServerResponse() is { Error: not null } error)
        {
            return ErrorPages.Of(error);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var client = (await clients.FindByClientIdAsync(request.ClientId!, cancellationToken))!;
        var authentication = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var requestedAt = authentication.Properties?
            .GetParameter<System.Security.Claims.ClaimsPrincipal>(OpenIddictServerAspNetCoreConstants.Properties.RequestTokenPrincipal)?.GetCreationDate()
            ?? time.GetUtcNow();
        var current = await context.GetCurrentSessionAsync();
        var sign = new SignInDemand(request, requestedAt, time.GetUtcNow());

        var hinted = authentication.Principal?.GetClaim(Claims.Subject);
        if (sign.Check(current, hinted) is { } demand)
        {
            return request.HasPromptValue(PromptValues.None) ? Refuse(demand.Error) : demand.Redirect(context);
        }

        var scopes = request.GetScopes();
        if (current!.Actor is not null)
        {
            // Only what shows the person's own pages acts along. Nobody hands the person over to applications.
            if (!await clients.HasPermissionAsync(client, TokenServerNames.ActingPermission, cancellationToken))
            {
                return GrantResult.Refusal(Errors.AccessDenied, "Somebody acts in the person's name, and signs in to no other application.");
            }

            scopes = scopes.Remove(ApiScopes.Admin);
        }

        var session = current.Session;
        if (session.OrganizationId is not null && await subjects.MembershipAsync(session, cancellationToken) is null)
        {
            // Not a member any more, or closed: the person goes on in their own name.
            session.ActFor(null);
        }

        var decision = await DecisionAsync(context, antiforgery);
        if (decision == Deny)
        {
            return GrantResult.Refusal(Errors.AccessDenied, "The person did not allow it.");
        }

        var mustAsk = await MustAskAsync(consents, clients, client, request, current.User.Id, scopes, requestedAt, cancellationToken);
        if (decision == Allow)
        {
            if (mustAsk.Consent)
            {
                await consents.GiveAsync(current.User.Id, client, scopes, cancellationToken);
            }
        }
        else if (mustAsk.Consent || mustAsk.Account)
        {
            if (request.HasPromptValue(PromptValues.None))
            {
                return GrantResult.Refusal(Errors.ConsentRequired, "The person must be asked.");
            }

            return PageEndpoints.Page<ConsentPage, ConsentModel>(new ConsentModel(
                await Consents.NameAsync(clients, client, cancellationToken), current.User.DisplayName ?? current.User.Email, request.ClientId!,
                request.RequestUri!, mustAsk.Consent ? [.. scopes] : [], RedirectHost(request)));
        }

        var membership = await subjects.MembershipAsync(session, cancellationToken);
        return TypedResults.SignIn(principals.Create(TokenSubject.Of(current.User, session, membership), scopes), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<string?> DecisionAsync(HttpContext context, IAntiforgery antiforgery)
    {
        // Any site may post a request to sign in; only a page of ours may post a decision.
        if (!HttpMethods.IsPost(context.Request.Method) || !context.Request.Form.TryGetValue(DecisionField, out var decision))
        {
            return null;
        }

        return await antiforgery.IsRequestValidAsync(context) ? (string?)decision : null;
    }

    private static async Task<(bool Consent, bool Account)> MustAskAsync(
        Consents consents, IOpenIddictApplicationManager clients, object client, OpenIddictRequest request, Guid userId, ImmutableArray<string> scopes,
        DateTimeOffset requestedAt, CancellationToken cancellationToken)
    {
        var account = request.HasPromptValue(PromptValues.SelectAccount);
        if (await clients.HasConsentTypeAsync(client, ConsentTypes.Implicit, cancellationToken))
        {
            return (request.HasPromptValue(PromptValues.Consent), account);
        }

        var givenAt = await consents.GivenAtAsync(userId, client, scopes, cancellationToken);
        return (givenAt is null || (request.HasPromptValue(PromptValues.Consent) && givenAt < requestedAt), account);
    }

    private static string? RedirectHost(OpenIddictRequest request) =>
        Uri.TryCreate(request.RedirectUri, UriKind.Absolute, out var address) ? address.Authority : null;

    private static IResult Refuse(string error) => GrantResult.Refusal(
        error, error == Errors.LoginRequired ? "The person must sign in." : "The person must show more than they did.");
}
