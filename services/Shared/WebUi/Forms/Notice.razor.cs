using Microsoft.AspNetCore.Components;

namespace BotGeneric.WebUi.Forms;

/// <summary>What a notice says.</summary>
public enum NoticeKind
{
    /// <summary>Something to know.</summary>
    Information,

    /// <summary>Something worked.</summary>
    Success,

    /// <summary>Something to be careful with.</summary>
    Warning,

    /// <summary>Something did not work.</summary>
    Error,
}

/// <summary>Something to read before the rest of the page.</summary>
public sealed partial class Notice : ComponentBase
{
    /// <summary>What it says.</summary>
    [Parameter]
    public NoticeKind Kind { get; set; } = NoticeKind.Information;

    /// <summary>The words.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
