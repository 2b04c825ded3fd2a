using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The step between a form of ours and another site.</summary>
public sealed partial class ContinuePage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ContinueModel Model { get; set; }
}

/// <summary>What <see cref="ContinuePage"/> shows.</summary>
/// <param name="ProviderName">What the provider is called.</param>
/// <param name="Address">The provider's page.</param>
public sealed record ContinueModel(string ProviderName, string Address);
