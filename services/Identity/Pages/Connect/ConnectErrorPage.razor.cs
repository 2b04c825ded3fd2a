using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Says that a request of an application is wrong.</summary>
public sealed partial class ConnectErrorPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ConnectErrorModel Model { get; set; }
}
