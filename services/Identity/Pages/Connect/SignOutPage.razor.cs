using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Asks whether to sign out.</summary>
public sealed partial class SignOutPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required SignOutModel Model { get; set; }
}
