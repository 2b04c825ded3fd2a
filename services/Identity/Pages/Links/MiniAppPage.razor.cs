using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The page that Telegram opens as a Mini App.</summary>
public sealed partial class MiniAppPage : ComponentBase
{
    private static readonly string[] Modules = ["_content/BotGeneric.WebUi/telegram-mini-app.js"];

    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required MiniAppModel Model { get; set; }
}

/// <summary>What <see cref="MiniAppPage"/> shows.</summary>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours.</param>
public sealed record MiniAppModel(string ReturnUrl);
