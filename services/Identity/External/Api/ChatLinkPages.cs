using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.Pages.Links;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.External.Api;

/// <summary>
/// The page that makes a link to the bot, waits for somebody to come with it, shows who came, and asks. A browser without scripts gets there by the
/// page's own link.
/// </summary>
internal static class ChatLinkPages
{
    internal const string Path = $"{ExternalFlow.LinksPath}/telegram/chat";

    internal static void MapChatLinkPages(this RouteGroupBuilder links)
    {
        const string Relative = "/telegram/chat";
        links.MapPost(Relative, CreateAsync).RequireFresh(ExternalFlow.LinksPath);
        links.MapGet(Relative, ShowAsync);
        links.MapGet($"{Relative}/state", StateAsync);
        links.MapPost($"{Relative}/confirm", ConfirmAsync).RequireFresh(Path);
        links.MapPost($"{Relative}/decline", DeclineAsync);
    }

    internal static async Task<Results<RazorComponentResult, NotFound>> CreateAsync(
        HttpContext context, ChatLinks chats, CancellationToken cancellationToken) => chats.IsEnabled
            ? Waiting(await chats.CreateAsync(await context.SignedInAsync(), cancellationToken))
            : TypedResults.NotFound();

    internal static async Task<Results<RazorComponentResult, RedirectHttpResult>> ShowAsync(
        HttpContext context, ChatLinks chats, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        return await chats.FindAsync(current, cancellationToken) switch
        {
            null => TypedResults.Redirect(ExternalFlow.LinksPath),
            { TelegramUserId: null } => Waiting(address: null),
            var link => PageEndpoints.Page<ChatConfirmPage, ChatConfirmModel>(new ChatConfirmModel(
                link.Id, link.TelegramName, link.TelegramUserName, link.TelegramUserId, current.User.Email ?? current.User.DisplayName)),
        };
    }

    /// <summary>What the script of the waiting page asks: <c>waiting</c>, <c>asked</c> or <c>over</c>.</summary>
    internal static async Task<Ok<ChatLinkState>> StateAsync(HttpContext context, ChatLinks chats, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ChatLinkState(await chats.FindAsync(await context.SignedInAsync(), cancellationToken) switch
        {
            null => "over",
            { TelegramUserId: null } => "waiting",
            _ => "asked",
        }));

    internal static async Task<Results<RazorComponentResult, RedirectHttpResult>> ConfirmAsync(
        HttpContext context, [FromForm] Guid link, ChatLinks chats, CancellationToken cancellationToken) =>
        await chats.ConfirmAsync(await context.SignedInAsync(), link, cancellationToken) is { } problem
            ? ProblemPages.Show(problem, IdentityProviders.Telegram, SignInPurpose.Link)
            : TypedResults.Redirect($"{ExternalFlow.LinksPath}?done=linked&provider={IdentityProviders.Telegram}");

    internal static async Task<RedirectHttpResult> DeclineAsync(
        HttpContext context, [FromForm] Guid link, ChatLinks chats, CancellationToken cancellationToken)
    {
        await chats.DeclineAsync(await context.SignedInAsync(), link, cancellationToken);
        return TypedResults.Redirect(ExternalFlow.LinksPath);
    }

    private static RazorComponentResult Waiting(string? address) =>
        PageEndpoints.Page<ChatLinkPage, ChatLinkModel>(new ChatLinkModel(address, (int)ChatLinks.Lifetime.TotalMinutes));
}

/// <summary>How a link to the bot stands.</summary>
/// <param name="State"><c>waiting</c>: nobody has come with it; <c>asked</c>: the page can say who came; <c>over</c>.</param>
internal sealed record ChatLinkState(string State);
