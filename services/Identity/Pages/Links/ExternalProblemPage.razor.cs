using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>Why a sign-in with another provider, or a link, did not happen, and what to do about it.</summary>
public sealed partial class ExternalProblemPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required ExternalProblemModel Model { get; set; }
}

/// <summary>What <see cref="ExternalProblemPage"/> shows.</summary>
/// <param name="Problem">The key of the problem's texts.</param>
/// <param name="ProviderName">What the provider is called.</param>
/// <param name="Action">The key of what can be done.</param>
/// <param name="ActionPath">Where that is.</param>
public sealed record ExternalProblemModel(string Problem, string ProviderName, string Action, string ActionPath);
