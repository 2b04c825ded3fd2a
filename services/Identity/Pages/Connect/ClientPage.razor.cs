using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>One client application, for admins.</summary>
public sealed partial class ClientPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ClientModel Model { get; set; }
}
