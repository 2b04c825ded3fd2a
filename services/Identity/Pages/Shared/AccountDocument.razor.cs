using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Shared;

/// <summary>The document of the pages on which a person looks after the account.</summary>
public sealed partial class AccountDocument : ComponentBase
{
    private static readonly (string Address, string Key)[] Tabs =
    [
        ("/account", "tab.profile"),
        ("/account/security", "tab.security"),
        ("/account/links", "tab.links"),
        ("/account/sessions", "tab.sessions"),
        ("/account/applications", "tab.applications"),
        ("/account/keys", "tab.keys"),
        ("/account/organizations", "tab.organizations"),
        ("/account/privacy", "tab.privacy"),
    ];

    /// <summary>The heading and title.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>The address of the tab that the page belongs to.</summary>
    [Parameter, EditorRequired]
    public required string Current { get; set; }

    /// <summary>Script modules that the page needs.</summary>
    [Parameter]
    public IReadOnlyList<string> Scripts { get; set; } = [];

    /// <summary>The page.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }
}
