using Microsoft.AspNetCore.Components;

namespace BotGeneric.WebUi.Forms;

/// <summary>A form that is posted to us.</summary>
public sealed partial class PageForm : ComponentBase
{
    /// <summary>Where it is posted to: a path of ours.</summary>
    [Parameter, EditorRequired]
    public required string Action { get; set; }

    /// <summary>Where to go after it is done; sent along.</summary>
    [Parameter]
    public string? ReturnUrl { get; set; }

    /// <summary>Whether the browser checks the fields before it posts. Our own answer comes in the page's language, so by default it does not.</summary>
    [Parameter]
    public bool BrowserValidates { get; set; }

    /// <summary>The fields.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
