using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Administration.Pages;

/// <summary>The document of the pages of those who run the system.</summary>
public sealed partial class AdminDocument : ComponentBase
{
    private static readonly (string Address, string Key)[] Tabs =
    [
        (AdminPages.Users, "tab.users"),
        (AdminPages.Audit, "tab.audit"),
        (AdminPages.Erasures, "tab.erasures"),
        (AdminPages.Clients, "tab.clients"),
        ("/account", "tab.account"),
    ];

    /// <summary>The heading and title.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>The address of the tab that the page belongs to.</summary>
    [Parameter, EditorRequired]
    public required string Current { get; set; }

    /// <summary>The page.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
