using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The link that opens a chat with the bot.</summary>
public sealed partial class ChatLinkPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ChatLinkModel Model { get; set; }
}

/// <summary>What <see cref="ChatLinkPage"/> shows.</summary>
/// <param name="Address">The link. It holds a secret.</param>
/// <param name="Minutes">How long it works.</param>
public sealed record ChatLinkModel(string Address, int Minutes);
