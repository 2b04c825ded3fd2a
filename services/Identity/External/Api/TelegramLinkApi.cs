using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.External.Api;

/// <summary>What the Telegram service asks: it knows who pressed start, this service knows whose link it was. No path of the gateway leads here.</summary>
internal static class TelegramLinkApi
{
    /// <summary>The policy: the Telegram service itself with its scope, never a person, whatever scopes the person's token has.</summary>
    internal const string Policy = "telegram-service";

    private const string Scope = ApiScopes.TelegramWrite;
    private const string Client = "telegram";
    private const int MaximumToken = 64;

    internal static void MapTelegramLinkApi(this IEndpointRouteBuilder app)
    {
        var links = app.MapGroup("/api/internal/telegram/link").WithTags("Telegram").RequireScope(Scope).RequireAuthorization(Policy);
        links.MapPost("/preview", PreviewAsync);
        links.MapPost(string.Empty, LinkAsync);
    }

    internal static bool IsTelegramService(ClaimsPrincipal caller) =>
        caller.FindFirst("client_id")?.Value == Client
        && !Guid.TryParse(caller.FindFirst("sub")?.Value, out _);

    /// <summary>
    /// Whose account a start parameter leads to. The bot shows it and asks before it says who came: somebody may have been sent another person's link, and
    /// would hand over their chat with it.
    /// </summary>
    internal static async Task<Results<Ok<TelegramLinkPreview>, ProblemHttpResult>> PreviewAsync(
        TelegramLinkPreviewRequest request, ChatLinks chats, CancellationToken cancellationToken)
    {
        if (request.Token is not { Length: > 0 and <= MaximumToken })
        {
            return InvalidToken();
        }

        return await chats.FindOwnerAsync(request.Token, cancellationToken) is { } user
            ? TypedResults.Ok(new TelegramLinkPreview(user.DisplayName, user.Email is { } email ? EmailAddress.Mask(email) : null, user.Language))
            : Unusable();
    }

    /// <summary>
    /// Says which Telegram user agreed in the chat. The page that made the link then shows who it is and asks its person too; with that they are linked,
    /// and <c>IdentityLinked</c> says so. Asking again with the same values answers how it stands by then. 404 for anybody but the first who came.
    /// </summary>
    internal static async Task<Results<Ok<TelegramLinkResult>, ProblemHttpResult>> LinkAsync(
        TelegramLinkRequest request, ChatLinks chats, CancellationToken cancellationToken)
    {
        if (request.Token is not { Length: > 0 and <= MaximumToken })
        {
            return InvalidToken();
        }

        if (TelegramProofs.IdOf(request.TelegramUserId.ToString(System.Globalization.CultureInfo.InvariantCulture)) is not { } id)
        {
            return ApiProblems.Invalid("telegramUserId", "Send the user's id in the Bot API, a positive number.");
        }

        var (outcome, userId) = await chats.AskAsync(request.Token, id, request.FirstName, request.Username, cancellationToken);
        return outcome switch
        {
            ChatLinkOutcome.Asked => TypedResults.Ok(new TelegramLinkResult(TelegramLinkStates.Asked, null)),
            ChatLinkOutcome.Linked => TypedResults.Ok(new TelegramLinkResult(TelegramLinkStates.Linked, userId)),
            ChatLinkOutcome.Conflict => ApiProblems.Conflict("The Telegram user is linked to another account, or the account to another Telegram user."),
            _ => Unusable(),
        };
    }

    private static ProblemHttpResult InvalidToken() => ApiProblems.Invalid("token", "Send the start parameter as it came, at most 64 characters.");

    private static ProblemHttpResult Unusable() => ApiProblems.NotFound("There is no such link. It may have been used, or be older than ten minutes.");
}

/// <summary>A start parameter.</summary>
/// <param name="Token">The parameter as it came.</param>
public sealed record TelegramLinkPreviewRequest(string Token);

/// <summary>Whose account a start parameter leads to.</summary>
/// <param name="DisplayName">The person's name; null when there is none.</param>
/// <param name="MaskedEmail">The address, with all but the first character of its local part hidden; null when there is none.</param>
/// <param name="Language">The person's language: <c>en</c>, <c>ru</c> or <c>uk</c>.</param>
public sealed record TelegramLinkPreview(string? DisplayName, string? MaskedEmail, string Language);

/// <summary>A start parameter and who pressed start.</summary>
/// <param name="Token">The parameter as it came.</param>
/// <param name="TelegramUserId">The user's id in the Bot API.</param>
/// <param name="FirstName">The user's first name.</param>
/// <param name="Username">The user name without the at sign.</param>
public sealed record TelegramLinkRequest(string Token, long TelegramUserId, string? FirstName = null, string? Username = null);

/// <summary>How the Telegram user stands to the account.</summary>
/// <param name="State"><c>asked</c>: the person has to agree on the page that made the link; <c>linked</c>.</param>
/// <param name="UserId">The person, once linked.</param>
public sealed record TelegramLinkResult(string State, Guid? UserId);

/// <summary>The states of <see cref="TelegramLinkResult"/>.</summary>
public static class TelegramLinkStates
{
    /// <summary>The page that made the link asks its person.</summary>
    public const string Asked = "asked";

    /// <summary>The Telegram user is linked to the account.</summary>
    public const string Linked = "linked";
}
