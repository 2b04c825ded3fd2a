using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Asks whether an application may act for the person.</summary>
public sealed partial class ConsentPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ConsentModel Model { get; set; }
}
