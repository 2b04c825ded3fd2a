using System.Text.Json;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Attempts;
using BotGeneric.Identity.External.OpenId;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Identity.External.Api;

/// <summary>What a provider answered to the browser.</summary>
/// <param name="State">Which attempt it is.</param>
/// <param name="Code">The code.</param>
/// <param name="Error">Why there is none.</param>
/// <param name="Issuer">Who answers (RFC 9207).</param>
/// <param name="DisplayName">The name, which Apple gives beside the code and once only.</param>
internal sealed record ProviderAnswer(string? State, string? Code, string? Error, string? Issuer, string? DisplayName);

/// <summary>The way to a provider and back.</summary>
internal static class SignInPages
{
    private const int MaximumCode = 2048;

    internal static void MapSignInPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/login/external/{provider}", StartAsync).AllowAnonymous().RefuseWhileImpersonating();
        pages.MapGet("/account/external/{provider}/callback", CallbackAsync).AllowAnonymous().RefuseWhileImpersonating();
    }

    /// <summary>
    /// Begins a sign-in, or a confirmation for somebody who is signed in. Never a link: a GET can be caused by any other site, and would link what
    /// that site wants.
    /// </summary>
    internal static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> StartAsync(
        HttpContext context, string provider, string? returnUrl, string? purpose, ExternalProviders providers, AttemptStore attempts, OpenIdClient client,
        CancellationToken cancellationToken)
    {
        if (providers.Find(provider) is not { } found)
        {
            return TypedResults.NotFound();
        }

        var target = ReturnAddress.OrElse(returnUrl);
        CurrentSession? current = null;
        if (purpose == "confirm")
        {
            current = await context.GetCurrentSessionAsync();
            if (current is null)
            {
                return TypedResults.Redirect($"/login?returnUrl={Uri.EscapeDataString(target)}");
            }

            if (context.Request.Headers["Sec-Fetch-Site"] == "cross-site")
            {
                return TypedResults.Redirect($"/account/confirm?returnUrl={Uri.EscapeDataString(target)}");
            }
        }

        var reason = current is null ? SignInPurpose.SignIn : SignInPurpose.Confirm;
        var (attempt, state) = await attempts.BeginAsync(context, provider, reason, current?.Session, target, cancellationToken);
        return await client.AddressAsync(found, attempt, state, cancellationToken) is { } address
            ? TypedResults.Redirect(address)
            : ProblemPages.Show(ExternalProblem.ProviderFailed, provider, reason, target);
    }

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> CallbackAsync(
        HttpContext context, string provider, ExternalProviders providers, Completion completion, CancellationToken cancellationToken)
    {
        // A provider that answers by a form has no business here: another path is another provider's or an attacker's.
        if (providers.Find(provider) is not { AnswersByPost: false } found)
        {
            return TypedResults.NotFound();
        }

        var query = context.Request.Query;
        var answer = new ProviderAnswer(One(query["state"]), One(query["code"]), One(query["error"]), One(query["iss"]), DisplayName: null);
        return Answer(await completion.CompleteAsync(context, found, answer, cancellationToken));
    }

    internal static Results<RedirectHttpResult, RazorComponentResult, NotFound> Answer(Results<RedirectHttpResult, RazorComponentResult> result) =>
        result.Result is RedirectHttpResult redirect ? redirect : (RazorComponentResult)result.Result;

    // Of a parameter that comes twice nobody knows which one is meant.
    internal static string? One(StringValues values) => values.Count == 1 && !string.IsNullOrEmpty(values[0]) ? values[0] : null;

    /// <summary>Turns a provider's answer into what follows from it.</summary>
    internal sealed class Completion(AttemptStore attempts, OpenIdClient client, ExternalFlow flow)
    {
        internal async Task<Results<RedirectHttpResult, RazorComponentResult>> CompleteAsync(
            HttpContext context, ExternalProvider provider, ProviderAnswer answer, CancellationToken cancellationToken)
        {
            var (attempt, problem) = await attempts.ConsumeAsync(context, provider.Name, answer.State, cancellationToken);
            if (attempt is null)
            {
                return ProblemPages.Show(problem, provider.Name);
            }

            var next = await ContinueAsync(context, provider, attempt, answer, cancellationToken);
            return next.Path is { } path ? TypedResults.Redirect(path) : ProblemPages.Show(next.Problem, provider.Name, attempt.Purpose, attempt.ReturnUrl);
        }

        private async Task<Next> ContinueAsync(
            HttpContext context, ExternalProvider provider, SignInAttempt attempt, ProviderAnswer answer, CancellationToken cancellationToken)
        {
            if (!OpenIdClient.IsFrom(provider, answer.Issuer))
            {
                return ExternalProblem.ProviderFailed;
            }

            if (answer.Error is { } error)
            {
                return error is "access_denied" or "user_cancelled_authorize" ? ExternalProblem.Cancelled : ExternalProblem.ProviderFailed;
            }

            if (answer.Code is not { Length: <= MaximumCode } code
                || await client.ExchangeAsync(provider, attempt, code, cancellationToken) is not { } token
                || ProofOf(provider, token, answer.DisplayName) is not { } proof)
            {
                return ExternalProblem.ProviderFailed;
            }

            return attempt.Purpose switch
            {
                SignInPurpose.Link => await flow.LinkAsync(context, attempt, proof, cancellationToken),
                SignInPurpose.Confirm => await flow.ConfirmAsync(
                    context, attempt, proof, ProviderTokenValidator.Time(token, "auth_time"), cancellationToken),
                _ => await flow.SignInAsync(context, proof, attempt.ReturnUrl, cancellationToken),
            };
        }

        private static ExternalProof? ProofOf(ExternalProvider provider, JsonWebToken token, string? displayName)
        {
            var subject = ProviderTokenValidator.Text(token, "sub");
            var name = displayName ?? ExternalProof.CleanName(ProviderTokenValidator.Text(token, "name"));
            if (provider.Name != IdentityProviders.Telegram)
            {
                var email = ExternalProof.CleanEmail(ProviderTokenValidator.Text(token, "email"));
                // Apple writes it as a text at times.
                var isVerified = email is not null && string.Equals(ProviderTokenValidator.Text(token, "email_verified"), "true", StringComparison.OrdinalIgnoreCase);
                return new ExternalProof(provider.Name, subject, ProviderUserId: null, email, isVerified, name);
            }

            // The subject is not the user id: the id is what the bot, Mini Apps and the widget know.
            var sent = ProviderTokenValidator.Text(token, "id");
            var id = TelegramProofs.IdOf(sent);
            return sent is not null && id is null
                ? null
                : new ExternalProof(
                    provider.Name, subject, id, Email: null, EmailVerified: false,
                    name ?? ExternalProof.CleanName(ProviderTokenValidator.Text(token, "preferred_username")));
        }
    }

    /// <summary>The name in what Apple sends beside the code at the first consent: JSON that nothing signs.</summary>
    internal static string? NameOf(string? user)
    {
        if (user is not { Length: > 0 and <= 4000 })
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(user);
            return document.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty("name", out var name) && name.ValueKind is JsonValueKind.Object
                    ? ExternalProof.CleanName($"{Part(name, "firstName")} {Part(name, "lastName")}")
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Part(JsonElement name, string part) =>
        name.TryGetProperty(part, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
