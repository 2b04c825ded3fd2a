using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Applications that the person allowed something.</summary>
public sealed partial class ApplicationsPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ApplicationsModel Model { get; set; }
}
