using System.Globalization;
using System.Resources;

namespace BotGeneric.WebUi.Localization;

/// <summary>The texts of a page in the language of the request. They stand in resource files, never in markup.</summary>
/// <param name="owner">The type beside whose name the resource files stand: <c>Name.resx</c> (English), <c>Name.ru.resx</c>, <c>Name.uk.resx</c>.</param>
public sealed class PageTexts(Type owner)
{
    private readonly ResourceManager _resources = new(owner);

    /// <summary>A text.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="KeyNotFoundException">There is no such text: a page never shows a key instead.</exception>
    public string this[string key] => _resources.GetString(key, CultureInfo.CurrentUICulture)
        ?? throw new KeyNotFoundException($"{owner.Name} has no text '{key}'.");
}
