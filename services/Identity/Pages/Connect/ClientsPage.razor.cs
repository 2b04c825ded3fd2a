using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Client applications, for admins.</summary>
public sealed partial class ClientsPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ClientsModel Model { get; set; }
}
