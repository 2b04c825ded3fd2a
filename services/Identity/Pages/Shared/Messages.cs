using System.Globalization;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Pages.Shared;

/// <summary>A link below a message.</summary>
/// <param name="Address">A path of ours.</param>
/// <param name="Text">The words.</param>
public sealed record PageLink(string Address, string Text);

/// <summary>A page that says something and asks nothing.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Text">What it says.</param>
/// <param name="Kind">How it says it.</param>
/// <param name="Links">Where to go from here.</param>
public sealed record MessageModel(string Title, string Text, NoticeKind Kind, IReadOnlyList<PageLink> Links);

/// <summary>Pages that say something and ask nothing.</summary>
internal static class Messages
{
    private static readonly PageTexts Texts = new(typeof(MessageTexts));

    public static RazorComponentResult Page(string title, string text, NoticeKind kind, int status, params IReadOnlyList<PageLink> links) =>
        PageEndpoints.Page<MessagePage, MessageModel>(new MessageModel(title, text, kind, links), status);

    /// <summary>429 with the time to wait, and the way back.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wait">The time.</param>
    /// <param name="form">The page of the form that was sent: a path of ours.</param>
    public static RazorComponentResult TooMany(HttpContext context, TimeSpan wait, string form)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Page(
            Texts["wait.title"], string.Format(CultureInfo.CurrentCulture, Texts["wait.text"], seconds), NoticeKind.Warning,
            StatusCodes.Status429TooManyRequests, new PageLink(form, Texts["back"]));
    }

    /// <summary>429 because too many passwords wait to be checked.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isSignedIn">Whether somebody is signed in, who has no use for the way to do so.</param>
    public static RazorComponentResult Busy(HttpContext context, bool isSignedIn)
    {
        context.Response.Headers.RetryAfter = PasswordWorkBusyException.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Page(Texts["busy.title"], Texts["busy.text"], NoticeKind.Warning, StatusCodes.Status429TooManyRequests,
            isSignedIn ? new PageLink("/account", Texts["account"]) : new PageLink("/login", Texts["sign-in"]));
    }

    /// <summary>What is wrong with a password, in words.</summary>
    public static string Of(PasswordFault fault, int minimumLength) =>
        string.Format(CultureInfo.CurrentCulture, Texts[$"password.{fault}"], minimumLength, PasswordSettings.MaximumLength);

    /// <summary>What a good password is, in words.</summary>
    public static string PasswordHint(int minimumLength) => string.Format(CultureInfo.CurrentCulture, Texts["password.hint"], minimumLength);

    /// <summary>A text that several pages share.</summary>
    public static string Get(string key) => Texts[key];
}

/// <summary>Names the texts of <see cref="Messages"/>.</summary>
internal static class MessageTexts;

/// <summary>Answers with a page that says so when too many passwords wait to be checked.</summary>
internal sealed class BusyFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PasswordWorkBusyException)
        {
            return Messages.Busy(context.HttpContext, await context.HttpContext.GetCurrentSessionAsync() is not null);
        }
    }
}

/// <summary>Pages for somebody who is signed in.</summary>
internal static class SignedInPages
{
    /// <summary>The group of such pages.</summary>
    public static RouteGroupBuilder MapSignedIn(this RouteGroupBuilder pages)
    {
        var group = pages.MapGroup(string.Empty);
        group.RequireAuthorization(SessionCookie.SignedInPolicy);
        return group;
    }

    /// <summary>Sends whoever has not shown a credential a moment ago to show one, and then to a page.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="page">The page to come back to.</param>
    public static RouteHandlerBuilder RequireFresh(this RouteHandlerBuilder endpoint, string page) => endpoint.AddEndpointFilter(async (context, next) =>
    {
        var services = context.HttpContext.RequestServices;
        var needed = (await context.HttpContext.SignedInAsync()).ConfirmationNeeded(
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IOptions<UserSessionOptions>>().Value, page);
        return needed is null ? await next(context) : TypedResults.LocalRedirect(needed);
    });

    /// <summary>Who is signed in; the policy has seen to it that somebody is.</summary>
    public static async Task<CurrentSession> SignedInAsync(this HttpContext context) =>
        await context.GetCurrentSessionAsync() ?? throw new InvalidOperationException("This page lacks the policy of those who are signed in.");
}
