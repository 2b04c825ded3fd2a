using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>Asks whether an identity that was proved shall be linked to the account that is signed in.</summary>
public sealed partial class PendingLinkPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required PendingLinkModel Model { get; set; }
}

/// <summary>What <see cref="PendingLinkPage"/> shows.</summary>
/// <param name="ProviderName">What the provider is called.</param>
/// <param name="Identity">How to recognise the identity; null when the provider said nothing.</param>
/// <param name="Account">How to recognise the account; null without address and name.</param>
public sealed record PendingLinkModel(string ProviderName, string? Identity, string? Account);
