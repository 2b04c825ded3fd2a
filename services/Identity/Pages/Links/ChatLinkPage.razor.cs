using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The link that opens a chat with the bot, and the wait for who comes with it.</summary>
public sealed partial class ChatLinkPage : ComponentBase
{
    private static readonly string[] Modules = ["_content/BotGeneric.WebUi/chat-link.js"];

    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ChatLinkModel Model { get; set; }
}

/// <summary>What <see cref="ChatLinkPage"/> shows.</summary>
/// <param name="Address">The link. It holds a secret and is shown once; null: it was shown before.</param>
/// <param name="Minutes">How long it works.</param>
public sealed record ChatLinkModel(string? Address, int Minutes);
