using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>Says which Telegram user came with the link to the bot, and asks whether that is the person.</summary>
public sealed partial class ChatConfirmPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ChatConfirmModel Model { get; set; }
}

/// <summary>What <see cref="ChatConfirmPage"/> shows.</summary>
/// <param name="Link">The link.</param>
/// <param name="Name">What Telegram calls the user; anybody may choose any name.</param>
/// <param name="UserName">The name on Telegram without the @, which is one person's only.</param>
/// <param name="TelegramUserId">The id in the Bot API.</param>
/// <param name="Account">How to recognise the account; null without address and name.</param>
public sealed record ChatConfirmModel(Guid Link, string? Name, string? UserName, string TelegramUserId, string? Account);
