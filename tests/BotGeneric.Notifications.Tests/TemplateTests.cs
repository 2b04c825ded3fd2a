using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Notifications.Templates;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Tests;

/// <summary>What people read.</summary>
public sealed partial class TemplateTests
{
    private const string Attack = "\"><script>alert(1)</script>\r\nBcc: eve@evil.example";

    private static readonly MailRenderer Renderer = new(Options.Create(new OperatorOptions
    {
        Name = "Tom & Jerry\r\nBcc: x",
        SupportEmail = "help@bot.example.com",
        PublicUrl = new Uri(MailApplication.Origin),
    }));

    public static TheoryData<string, string> Everything
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var template in NotificationTemplates.All)
            {
                foreach (var language in MailTexts.Languages)
                {
                    data.Add(template, language);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_template_can_be_rendered_in_every_language(string template, string language)
    {
        var values = Some.Values(template);
        var mail = Renderer.Render(template, language, values);

        Assert.NotEmpty(mail.Subject);
        Assert.DoesNotContain('{', mail.Subject + mail.Text);
        Assert.DoesNotMatch(Place(), mail.Html);
        Assert.Contains($"lang=\"{language}\"", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Tom &amp; Jerry", mail.Html, StringComparison.Ordinal);
        Assert.Contains("help@bot.example.com", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotMatch(External(), mail.Html);
        Assert.All(values.Values.Where(value => value.StartsWith("https:", StringComparison.Ordinal)), link =>
        {
            Assert.Contains(link, mail.Text, StringComparison.Ordinal);
            Assert.Contains($"href=\"{link}\"", mail.Html, StringComparison.Ordinal);
        });
        if (language != "en")
        {
            Assert.Matches("[а-яіїєґ]", mail.Subject);
            Assert.NotEqual(Renderer.Render(template, language == "ru" ? "uk" : "ru", values).Text, mail.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void What_others_may_choose_cannot_leave_its_place(string template, string language)
    {
        var values = Some.Values(template);
        foreach (var name in TemplateCatalogue.Find(template)!.Values.Where(value => value.Value is ValueKind.Text or ValueKind.SignInMethod or ValueKind.Role).Select(value => value.Key))
        {
            values[name] = Attack;
        }

        var mail = Renderer.Render(template, language, values);

        Assert.DoesNotContain("<script", mail.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', mail.Subject);
        Assert.DoesNotContain('\r', mail.Subject);
        // A mail program that looks for addresses in text finds none.
        Assert.DoesNotContain("eve@evil.example", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_value_that_is_missing_is_named(string template, string language) => Assert.All(Some.Values(template).Keys, key =>
    {
        var values = Some.Values(template);
        values.Remove(key);

        Assert.Equal(key, Assert.Throws<TemplateException>(() => Renderer.Render(template, language, values)).Key);
    });

    [Fact]
    public void A_value_that_the_template_does_not_know_is_named()
    {
        var values = Some.Values(NotificationTemplates.VerifyEmail);
        values["surprise"] = "1";

        Assert.Equal("surprise", Assert.Throws<TemplateException>(() => Renderer.Render(NotificationTemplates.VerifyEmail, "en", values)).Key);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("/account/verify")]
    [InlineData("//bot.example.com/verify")]
    [InlineData("https://evil.example/verify")]
    [InlineData("https://bot.example.com.evil.example/")]
    [InlineData("https://bot.example.com@evil.example/")]
    [InlineData("https://user:pw@bot.example.com/")]
    [InlineData("https://bot.example.com:8443/")]
    [InlineData("http://bot.example.com/")]
    [InlineData("ftp://bot.example.com/")]
    public void A_link_leads_to_the_product_or_is_refused(string link)
    {
        var values = Some.Values(NotificationTemplates.VerifyEmail);
        values["link"] = link;

        var refusal = Assert.Throws<TemplateException>(() => Renderer.Render(NotificationTemplates.VerifyEmail, "en", values));

        Assert.Equal("link", refusal.Key);
        Assert.DoesNotContain(link, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "1", "works for 1 hour.")]
    [InlineData("en", "24", "works for 24 hours.")]
    [InlineData("ru", "1", "действует 1 час.")]
    [InlineData("ru", "2", "действует 2 часа.")]
    [InlineData("ru", "11", "действует 11 часов.")]
    [InlineData("ru", "21", "действует 21 час.")]
    [InlineData("ru", "24", "действует 24 часа.")]
    [InlineData("ru", "112", "действует 112 часов.")]
    [InlineData("uk", "1", "діє 1 годину.")]
    [InlineData("uk", "3", "діє 3 години.")]
    [InlineData("uk", "12", "діє 12 годин.")]
    [InlineData("uk", "48", "діє 48 годин.")]
    public void A_number_has_its_noun_in_the_right_form(string language, string hours, string expected)
    {
        var values = Some.Values(NotificationTemplates.VerifyEmail);
        values["hours"] = hours;

        Assert.Contains(expected, Renderer.Render(NotificationTemplates.VerifyEmail, language, values).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "November 22, 2026 at 16:11 UTC")]
    [InlineData("ru", "22 ноября 2026 г. в 16:11 UTC")]
    [InlineData("uk", "22 листопада 2026 р. о 16:11 UTC")]
    public void A_time_is_written_as_the_language_writes_it(string language, string expected)
    {
        var values = Some.Values(NotificationTemplates.PasswordChanged);
        values["when"] = "2026-11-22T18:11:05+02:00";

        Assert.Contains(expected, Renderer.Render(NotificationTemplates.PasswordChanged, language, values).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("template", "no-such-template", "en")]
    [InlineData("language", NotificationTemplates.VerifyEmail, "de")]
    [InlineData("language", NotificationTemplates.VerifyEmail, "")]
    public void An_unknown_template_or_language_is_refused(string key, string template, string language) => Assert.Equal(
        key, Assert.Throws<TemplateException>(() => Renderer.Render(template, language, new Dictionary<string, string>())).Key);

    [Fact]
    public void Every_language_has_every_text_with_the_same_places()
    {
        var texts = MailTexts.Languages.ToDictionary(language => language, Texts);

        Assert.Equal(texts["en"].Keys.Order(), texts["ru"].Keys.Order());
        Assert.Equal(texts["en"].Keys.Order(), texts["uk"].Keys.Order());
        Assert.All(texts["en"].Where(text => !text.Key.StartsWith("format.", StringComparison.Ordinal)), text =>
        {
            var places = Places(text.Value);
            Assert.Equal(places, Places(texts["ru"][text.Key]));
            Assert.Equal(places, Places(texts["uk"][text.Key]));
        });
    }

    private static Dictionary<string, string> Texts(string language)
    {
        var culture = language == "en" ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(language);
        var set = new ResourceManager(typeof(MailTexts)).GetResourceSet(culture, createIfNotExists: true, tryParents: false)!;
        return set.Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
    }

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{[a-zA-Z0-9]+\}")]
    private static partial Regex Place();

    [GeneratedRegex("<(img|link|script|style|iframe|object|video)|url\\(|src=", RegexOptions.IgnoreCase)]
    private static partial Regex External();
}
