using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Templates;

/// <summary>A message in words.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">For programs and people that want plain text.</param>
/// <param name="Html">The same as HTML, without anything to load from elsewhere.</param>
internal sealed record RenderedMail(string Subject, string Text, string Html);

/// <summary>A button, and the address behind it.</summary>
internal sealed record MailLink(string Label, string Address);

/// <summary>Fills a template. Every value is encoded for the place where it stands.</summary>
internal sealed partial class MailRenderer(IOptions<OperatorOptions> options)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Renders a message.</summary>
    /// <param name="template">What is said.</param>
    /// <param name="language"><c>en</c>, <c>ru</c> or <c>uk</c>.</param>
    /// <param name="values">What the template is filled with.</param>
    /// <exception cref="TemplateException">The template, the language or a value is unknown, missing or wrong.</exception>
    public RenderedMail Render(string template, string language, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var definition = TemplateCatalogue.Find(template) ?? throw new TemplateException("template", "is not known.");
        if (!MailTexts.Languages.Contains(language, StringComparer.Ordinal))
        {
            throw new TemplateException("language", $"is none of {string.Join(", ", MailTexts.Languages)}.");
        }

        var culture = CultureInfo.GetCultureInfo(language);
        var shown = new Dictionary<string, string>(new TemplateValues(culture, options.Value.PublicUrl).Read(definition, values), StringComparer.Ordinal);
        shown["operator"] = TemplateValues.Printable(options.Value.Name);
        if (!string.IsNullOrEmpty(options.Value.SupportEmail))
        {
            shown["support"] = options.Value.SupportEmail;
        }

        var parts = new Parts(template, definition.VariedBy is { } by ? values[by] : null, culture, shown);
        var links = definition.Links.Select(name => new MailLink(parts.Plain($"button.{name}"), shown[name])).ToList();
        return new RenderedMail(parts.Plain("subject"), Text(parts, links), Html(parts, links, culture));
    }

    private static string Text(Parts parts, IReadOnlyList<MailLink> links) => string.Join("\n\n", ((string?[])
    [
        parts.Plain("heading"),
        parts.Plain("body"),
        .. links.Select(link => $"{link.Label}:\n{link.Address}"),
        parts.Has("after") ? parts.Plain("after") : null,
        "-- \n" + parts.Plain("footer"),
    ]).Where(paragraph => paragraph is not null)) + "\n";

    private static string Html(Parts parts, IReadOnlyList<MailLink> links, CultureInfo culture) => MailLayout.Html(
        culture.TwoLetterISOLanguageName,
        parts.Encoded("subject"),
        parts.Encoded("preheader"),
        parts.Encoded("heading"),
        parts.Paragraphs("body"),
        [.. links.Select(link => new MailLink(Encoder.Encode(link.Label), Encoder.Encode(link.Address)))],
        parts.Encoded(links.Count == 1 ? "copyLink" : "copyLinks"),
        parts.Has("after") ? parts.Paragraphs("after") : [],
        parts.Paragraphs("footer"));

    [GeneratedRegex(@"\{([a-zA-Z]+)\}")]
    private static partial Regex Place();

    /// <summary>The texts of one message: its own, in the variant that applies, or those that every message has.</summary>
    private sealed class Parts(string template, string? variant, CultureInfo language, IReadOnlyDictionary<string, string> values)
    {
        public bool Has(string part) => Find(part) is not null;

        public string Plain(string part) => Fill(Get(part), text => text);

        public string Encoded(string part) => Fill(Get(part), Encoder.Encode);

        public IReadOnlyList<string> Paragraphs(string part) =>
            [.. Get(part).ReplaceLineEndings("\n").Split("\n\n").Select(paragraph => Fill(paragraph, Encoder.Encode).Replace("&#xA;", "<br>", StringComparison.Ordinal))];

        private string? Find(string part) => part switch
        {
            "footer" => MailTexts.Get(values.ContainsKey("support") ? "footer.support" : "footer", language),
            "copyLink" or "copyLinks" => MailTexts.Get(part, language),
            _ => MailTexts.Find($"{template}.{part}.{variant}", language) ?? MailTexts.Find($"{template}.{part}", language),
        };

        private string Get(string part) => Find(part) ?? throw new KeyNotFoundException($"MailTexts has no text '{template}.{part}'.");

        private string Fill(string text, Func<string, string> encode)
        {
            var filled = new System.Text.StringBuilder(text.Length * 2);
            var end = 0;
            foreach (Match place in Place().Matches(text))
            {
                filled.Append(encode(text[end..place.Index])).Append(encode(values[place.Groups[1].Value]));
                end = place.Index + place.Length;
            }

            return filled.Append(encode(text[end..])).ToString();
        }
    }
}
