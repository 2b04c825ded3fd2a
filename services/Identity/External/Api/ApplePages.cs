using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Impersonation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.External.Api;

/// <summary>
/// Apple's answer comes as a form that Apple's page posts. The browser sends no <c>Lax</c> cookie with it, and <c>SameSite=None</c> exists only with a
/// certificate and not in browsers that block cookies of other sites. So the POST decides nothing: it seals what came into a ticket and answers
/// with a GET of ours, which is an ordinary navigation with all cookies.
/// </summary>
internal static class ApplePages
{
    private const int MaximumBytes = 32 * 1024;
    private const int MaximumText = 2048;

    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(2);

    internal static void MapApplePages(this IEndpointRouteBuilder pages)
    {
        pages.MapPost("/account/external/apple/callback", ReceiveAsync)
            .AllowAnonymous()
            .DisableAntiforgery()
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBytes));
        pages.MapGet("/account/external/apple/complete", CompleteAsync).AllowAnonymous().RefuseWhileImpersonating();
    }

    internal static async Task<Results<SeeOther, RazorComponentResult, NotFound>> ReceiveAsync(
        HttpContext context, ExternalProviders providers, Tickets tickets, CancellationToken cancellationToken)
    {
        if (providers.Find(IdentityProviders.Apple) is null)
        {
            return TypedResults.NotFound();
        }

        if (await ReadAsync(context.Request, cancellationToken) is not { } answer)
        {
            return ProblemPages.Show(ExternalProblem.Expired, IdentityProviders.Apple);
        }

        return new SeeOther($"/account/external/apple/complete?ticket={tickets.Seal(answer)}");
    }

    internal static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> CompleteAsync(
        HttpContext context, string? ticket, ExternalProviders providers, Tickets tickets, SignInPages.Completion completion, CancellationToken cancellationToken)
    {
        if (providers.Find(IdentityProviders.Apple) is not { } provider)
        {
            return TypedResults.NotFound();
        }

        return tickets.Open(ticket) is { } answer
            ? SignInPages.Answer(await completion.CompleteAsync(context, provider, answer, cancellationToken))
            : ProblemPages.Show(ExternalProblem.Expired, provider.Name);
    }

    private static async Task<ProviderAnswer?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            return null;
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }

        var answer = new ProviderAnswer(
            SignInPages.One(form["state"]), SignInPages.One(form["code"]), SignInPages.One(form["error"]), SignInPages.One(form["iss"]),
            SignInPages.NameOf(SignInPages.One(form["user"])));
        return answer.State is null || new[] { answer.State, answer.Code, answer.Error, answer.Issuer }.Any(text => text?.Length > MaximumText) ? null : answer;
    }

    /// <summary>An answer on its way from the POST to the GET.</summary>
    internal sealed class Tickets(SealedValues values, TimeProvider time)
    {
        private const string Purpose = "BotGeneric.Identity.External.AppleTicket";

        internal string Seal(ProviderAnswer answer) => values.Seal(Purpose, new Ticket(answer, time.GetUtcNow() + TicketLifetime));

        internal ProviderAnswer? Open(string? text) => values.Open<Ticket>(Purpose, text)?.Answer;

        private sealed record Ticket(ProviderAnswer Answer, DateTimeOffset ExpiresAt) : ISealable;
    }
}

/// <summary>303: the answer to a POST is elsewhere, to be fetched with GET.</summary>
/// <param name="path">A path of ours.</param>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
