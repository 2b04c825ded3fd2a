using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace BotGeneric.Landing.Tests;

public sealed partial class PageTests : IClassFixture<PageTests.Application>
{
    private readonly HttpClient _client;

    public PageTests(Application application) => _client = application.CreateClient(
        new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });

    public static TheoryData<string, string> Pages => new()
    {
        { "/en", "You have a bot" },
        { "/ru", "У вас есть бот" },
        { "/uk", "У вас є бот" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_speaks_the_language_of_its_address(string path, string words)
    {
        using var response = await _client.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"<html lang=\"{path[1..]}\"", html, StringComparison.Ordinal);
        Assert.Contains(words, html, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_names_its_translations_by_full_address(string path, string words)
    {
        var html = await _client.GetStringAsync(path);

        Assert.Contains(words, html, StringComparison.Ordinal);
        Assert.Contains($"<link rel=\"canonical\" href=\"http://localhost{path}\"", html, StringComparison.Ordinal);
        Assert.All(
            new[] { "en", "ru", "uk" },
            language => Assert.Contains($"hreflang=\"{language}\" href=\"http://localhost/{language}\"", html, StringComparison.Ordinal));
        Assert.Contains("hreflang=\"x-default\" href=\"http://localhost/\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/en")]
    [InlineData("/nothing/here")]
    public async Task A_page_needs_no_inline_script_or_style_and_its_policy_allows_none(string path)
    {
        using var response = await _client.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\son[a-z]+=", html);
    }

    [Fact]
    public async Task The_files_of_a_page_exist_and_change_their_names_with_their_content()
    {
        var html = await _client.GetStringAsync("/en");
        var files = Files().Matches(html).Select(match => match.Groups["path"].Value).ToList();

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Matches(@"^/_content/BotGeneric\.WebUi/[a-z]+\.[a-z0-9]{10}\.(css|svg)$", file);
            using var response = await _client.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_has_landmarks_one_heading_and_a_way_past_the_navigation(string path, string words)
    {
        var html = await _client.GetStringAsync(path);

        Assert.Contains(words, html, StringComparison.Ordinal);
        Assert.Contains("<header", html, StringComparison.Ordinal);
        Assert.Contains("<main id=\"main\"", html, StringComparison.Ordinal);
        Assert.Contains("<footer", html, StringComparison.Ordinal);
        Assert.Contains("class=\"skip-link\" href=\"#main\"", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<h1"));
        Assert.All(Regex.Matches(html, "<nav[^>]*>"), nav => Assert.Contains("aria-label=", nav.Value, StringComparison.Ordinal));
        Assert.Contains("name=\"viewport\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uk-UA,uk;q=0.9,en;q=0.5", null, "/uk")]
    [InlineData("ru", null, "/ru")]
    [InlineData("de-DE,de;q=0.9", null, "/en")]
    [InlineData("de-DE,uk;q=0.9", null, "/uk")]
    [InlineData(null, null, "/en")]
    [InlineData("ru", "lang=uk", "/uk")]
    [InlineData("ru", "lang=xx", "/ru")]
    public async Task The_bare_address_leads_to_the_language_chosen_before_or_preferred(string? accepted, string? cookie, string location)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(location, response.Headers.Location?.OriginalString);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_page_remembers_its_language_once()
    {
        using var first = await _client.GetAsync("/uk");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/uk");
        again.Headers.Add("Cookie", "lang=uk");
        using var second = await _client.SendAsync(again);

        Assert.StartsWith("lang=uk;", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.False(second.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("/en/nothing", "ru", "This page does not exist")]
    [InlineData("/ru/nothing", "en", "Такой страницы нет")]
    [InlineData("/uk/a/b/c", "en", "Такої сторінки немає")]
    [InlineData("/nothing", "uk", "Такої сторінки немає")]
    public async Task A_page_that_does_not_exist_is_404_in_the_readers_language(string path, string accepted, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Language", accepted);

        using var response = await _client.SendAsync(request);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains(words, html, StringComparison.Ordinal);
        Assert.Contains("name=\"robots\" content=\"noindex\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dark", "data-theme=\"dark\"")]
    [InlineData("light", "data-theme=\"light\"")]
    [InlineData("\"onload=", "<html lang=\"en\">")]
    public async Task A_chosen_theme_is_marked_on_the_document_and_nothing_else_gets_there(string cookie, string markup)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/en");
        request.Headers.TryAddWithoutValidation("Cookie", $"theme={cookie}");

        using var response = await _client.SendAsync(request);

        Assert.Contains(markup, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex("<link rel=\"(?:stylesheet|icon)\" href=\"(?<path>[^\"]+)\"")]
    private static partial Regex Files();

    public sealed class Application : WebApplicationFactory<Program>
    {
        // Where mistakes about files show: only there is nothing found beside the sources.
        protected override void ConfigureWebHost(IWebHostBuilder builder) =>
            builder.UseEnvironment("Production").UseSetting("Authentication:Issuer", "https://issuer.test");
    }
}
