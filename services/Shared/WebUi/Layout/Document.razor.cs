using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.WebUi.Layout;

/// <summary>The HTML document around the content of a page: head, skip link, header with navigation and languages, footer.</summary>
public sealed partial class Document : ComponentBase
{
    /// <summary>The cookie that holds the theme somebody chose: <c>light</c> or <c>dark</c>. Without it the system's setting decides.</summary>
    public const string ThemeCookieName = "theme";

    /// <summary>The title of the page.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>One sentence for search results.</summary>
    [Parameter, EditorRequired]
    public required string Description { get; set; }

    /// <summary>
    /// The address of the page after the language, such as an empty string or <c>/pricing</c>; null for a page whose address is the same in
    /// every language, which search engines shall not list.
    /// </summary>
    [Parameter]
    public string? Path { get; set; }

    /// <summary>Whether a page whose address is the same in every language takes <c>?lang=</c>, so that the language can be chosen on it.</summary>
    [Parameter]
    public bool HasLanguageQuery { get; set; }

    /// <summary>The page.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    private string? Theme => HttpContext?.Request.Cookies[ThemeCookieName] is "light" or "dark" ? HttpContext.Request.Cookies[ThemeCookieName] : null;

    // With the slash in front: a page may be several folders deep.
    private string Asset(string file) => $"/{Assets[$"_content/BotGeneric.WebUi/{file}"]}";

    private string Address(string language) => $"{Navigation.BaseUri}{language}{Path}";
}
