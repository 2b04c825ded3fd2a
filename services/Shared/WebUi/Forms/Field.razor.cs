using Microsoft.AspNetCore.Components;

namespace BotGeneric.WebUi.Forms;

/// <summary>A field of a form.</summary>
public sealed partial class Field : ComponentBase
{
    /// <summary>The name under which it is sent.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>What it is.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>The type of the input element.</summary>
    [Parameter]
    public string Type { get; set; } = "text";

    /// <summary>What stands in it. A password is never sent back.</summary>
    [Parameter]
    public string? Value { get; set; }

    /// <summary>What helps to fill it in.</summary>
    [Parameter]
    public string? Hint { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>What browsers and password managers may fill in, a token of the HTML standard such as <c>current-password</c>.</summary>
    [Parameter]
    public string? Autocomplete { get; set; }

    /// <summary>The keyboard that a phone shows, such as <c>numeric</c>.</summary>
    [Parameter]
    public string? InputMode { get; set; }

    /// <summary>The longest text it takes.</summary>
    [Parameter]
    public int? MaxLength { get; set; }

    /// <summary>Whether it must be filled in.</summary>
    [Parameter]
    public bool Required { get; set; }

    /// <summary>Whether the cursor stands in it at first.</summary>
    [Parameter]
    public bool Autofocus { get; set; }

    private string Id => $"field-{Name}";

    private string? DescribedBy
    {
        get
        {
            var parts = new[] { Hint is null ? null : $"{Id}-hint", Error is null ? null : $"{Id}-error" };
            var text = string.Join(' ', parts.Where(part => part is not null));
            return text.Length == 0 ? null : text;
        }
    }
}
