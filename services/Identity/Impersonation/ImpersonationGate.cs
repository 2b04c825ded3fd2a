using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Layout;

namespace BotGeneric.Identity.Impersonation;

/// <summary>An admin who acts as the person may not open this page: it leads to a credential.</summary>
internal sealed class RefusedWhileImpersonating;

/// <summary>
/// What an admin who acts as somebody else may do on the pages: look. Everything that changes something is refused, in this one place, unless its endpoint
/// says that it is harmless; so a page that is added tomorrow is refused too. The API has the same rule for tokens, in <see cref="AccessExtensions.RequireScope"/>.
/// </summary>
internal static class ImpersonationGate
{
    /// <summary>Lets no admin who acts as the person in, whatever the method.</summary>
    public static TBuilder RefuseWhileImpersonating<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RefusedWhileImpersonating());

    /// <summary>Puts the rule, and the notice that every page shows, in front of the endpoints. After authentication and the choice of a language.</summary>
    public static void UseImpersonationGate(this WebApplication app) => app.Use(async (context, next) =>
    {
        // The cookie stands for nobody at the API.
        if (context.Request.Path.StartsWithSegments("/api") || await context.GetCurrentSessionAsync() is not { } current)
        {
            await next(context);
            return;
        }

        if (context.LeftPerson() is { } left && !IsSafe(context.Request.Method))
        {
            // The form was shown while the admin acted as somebody else; it is not meant for the admin's own account.
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = $"{AdminPages.Users}/{left}?done=over";
            return;
        }

        if (current.Actor is null)
        {
            await next(context);
            return;
        }

        context.Features.Set(new ImpersonationNotice(
            Called(current.User), Called(current.Actor.User), current.Session.ExpiresAt, ImpersonationPages.End));
        if (IsRefused(context))
        {
            await RefuseAsync(context);
            return;
        }

        await next(context);
    });

    private static string Called(User user) => user.DisplayName ?? user.Email ?? user.Id.ToString();

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsRefused(HttpContext context) => context.GetEndpoint() is { } endpoint
        && (endpoint.Metadata.GetMetadata<RefusedWhileImpersonating>() is not null
            || (!IsSafe(context.Request.Method) && endpoint.Metadata.GetMetadata<AllowedWhileImpersonating>() is null));

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store";
        return context.Request.AcceptsHtml()
            || context.Request.HasFormContentType || IsSafe(context.Request.Method)
                ? Messages.Page(
                    ImpersonationTexts.Get("refused.title"), ImpersonationTexts.Get("refused.text"), NoticeKind.Error, StatusCodes.Status403Forbidden,
                    new PageLink("/account", ImpersonationTexts.Get("back"))).ExecuteAsync(context)
                : ApiProblems.Problem(StatusCodes.Status403Forbidden, AccessTexts.Get("in-person-only")).ExecuteAsync(context);
    }
}
