using System.Net;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;

namespace BotGeneric.Identity.Tests;

/// <summary>What somebody with a browser sees when a page cannot be shown.</summary>
public sealed class ErrorPageTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Theory]
    [InlineData("en", "There is no such page")]
    [InlineData("ru", "Такой страницы нет")]
    [InlineData("uk", "Такої сторінки немає")]
    public async Task An_address_without_a_page_is_told_in_a_page(string language, string title)
    {
        using var browser = Open(language);

        var (response, html) = await SendAsync(browser, HttpMethod.Get, "/account/xyz");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        AssertPage(response, html, language, title);
    }

    [Fact]
    public async Task A_page_that_is_for_admins_alone_looks_like_one_that_is_not_there()
    {
        var person = await Person.RegisterAsync(identity);
        Ask(person.Browser, "en");

        var hidden = await SendAsync(person.Browser, HttpMethod.Get, "/account/admin/users");
        var missing = await SendAsync(person.Browser, HttpMethod.Get, "/account/xyz");

        Assert.Equal(HttpStatusCode.NotFound, hidden.Response.StatusCode);
        Assert.Equal(missing.Html.Split("<footer")[0].Length, hidden.Html.Replace("/account/admin/users", "/account/xyz", StringComparison.Ordinal).Split("<footer")[0].Length);
    }

    [Theory]
    [InlineData("en", "This form is out of date")]
    [InlineData("ru", "Форма устарела")]
    [InlineData("uk", "Форма застаріла")]
    public async Task A_form_without_its_token_is_told_to_be_out_of_date_and_how_to_go_on(string language, string title)
    {
        using var browser = Open(language);
        browser.Client.DefaultRequestHeaders.Referrer = new Uri("http://localhost/login?returnUrl=%2Faccount");

        var (response, html) = await SendAsync(
            browser, HttpMethod.Post, "/login", new FormUrlEncodedContent([new("email", "a@b.example"), new("password", "does not matter")]));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertPage(response, html, language, title);
        Assert.Contains("href=\"/login?returnUrl=%2Faccount\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_somebody_elses_page_is_told_to_be_out_of_date()
    {
        var (one, other) = (await Person.RegisterAsync(identity), await Person.RegisterAsync(identity));
        Ask(other.Browser, "en");
        var form = new Browser.Form(await one.Browser.ReadAsync("/account"), "/account");

        using var response = await other.Browser.SubmitAsync(form, ("displayName", "Somebody"));
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertPage(response, html, "en", "This form is out of date");
    }

    [Fact]
    public async Task What_throws_is_a_page_too_with_its_policy()
    {
        var person = await Person.RegisterAsync(identity);
        Ask(person.Browser, "en");

        var (response, html) = await SendAsync(person.Browser, HttpMethod.Get, "/account/keys?organization=nobody");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertPage(response, html, "en", "This request could not be read");
    }

    [Fact]
    public async Task The_API_and_scripts_get_problem_details()
    {
        using var browser = Open("en");
        var api = await SendAsync(browser, HttpMethod.Get, "/api/users/me");
        using var script = identity.OpenBrowser();
        script.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "*/*");
        var page = await SendAsync(script, HttpMethod.Get, "/account/xyz");

        Assert.Equal("application/problem+json", api.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("application/problem+json", page.Response.Content.Headers.ContentType?.MediaType);
    }

    private static void AssertPage(HttpResponseMessage response, string html, string language, string title)
    {
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("style-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{language}\"", html, StringComparison.Ordinal);
        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        Assert.Matches("<code>[0-9a-f]{32}</code>", html);
    }

    private static async Task<(HttpResponseMessage Response, string Html)> SendAsync(
        Browser browser, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        var response = await browser.Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    private static void Ask(Browser browser, string language)
    {
        browser.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    private Browser Open(string language)
    {
        var browser = identity.OpenBrowser();
        Ask(browser, language);
        return browser;
    }
}
