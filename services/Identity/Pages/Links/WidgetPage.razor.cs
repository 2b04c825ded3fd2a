using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>Asks before the legacy widget's data signs somebody in: any site can lead here with its own.</summary>
public sealed partial class WidgetPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required WidgetModel Model { get; set; }
}

/// <summary>What <see cref="WidgetPage"/> shows.</summary>
/// <param name="Name">Who Telegram says it is.</param>
/// <param name="Data">The signed data as it came.</param>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours.</param>
public sealed record WidgetModel(string Name, string Data, string ReturnUrl);
