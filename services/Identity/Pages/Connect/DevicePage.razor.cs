using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Signs a device in.</summary>
public sealed partial class DevicePage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required DeviceModel Model { get; set; }
}
