using System.Collections;
using System.Globalization;
using System.Net;
using System.Resources;
using BotGeneric.Identity.Tests.Accounts.Support;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class AccountTextsTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    public static TheoryData<string> Sets =>
    [
        "Shared.MessageTexts", "SignIn.SignInTexts", "Registration.RegistrationTexts", "Recovery.RecoveryTexts", "Security.SecurityTexts", "Sessions.SessionsTexts",
        "Profile.ProfileTexts", "Privacy.PrivacyTexts",
    ];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_text_stands_in_every_language(string set)
    {
        var resources = new ResourceManager($"BotGeneric.Identity.Pages.{set}", typeof(Program).Assembly);
        var english = Texts("");

        Assert.NotEmpty(english);
        foreach (var language in new[] { "ru", "uk" })
        {
            var texts = Texts(language);
            Assert.Equal(english.Keys.Order(), texts.Keys.Order());
            Assert.All(texts, text => Assert.Equal(Places(english[text.Key]), Places(text.Value)));
        }

        Dictionary<string, string> Texts(string language) => resources
            .GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

        static int Places(string text) => text.Count(character => character == '{');
    }

    [Fact]
    public async Task Every_page_renders_in_every_language()
    {
        var person = await Person.RegisterAsync(identity);
        (await person.Browser.SubmitAsync("/account/security", "/account/security/totp/start")).Dispose();
        foreach (var language in new[] { "en", "ru", "uk" })
        {
            foreach (var page in new[]
            {
                "/login", "/register", "/register/check-mail", "/login/forgot", "/login/forgot/check-mail", "/account", "/account/security", "/account/security/password",
                "/account/security/email", "/account/security/totp", "/account/sessions", "/account/privacy", "/account/confirm",
            })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(page, UriKind.Relative));
                request.Headers.Add("Accept-Language", language);
                using var answer = await person.Browser.Client.SendAsync(request);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{page} in {language} answered {(int)answer.StatusCode}.");
                var html = await answer.Content.ReadAsStringAsync();
                Assert.Contains($"<html lang=\"{language}\"", html, StringComparison.Ordinal);
                Assert.DoesNotContain("style=\"", html, StringComparison.Ordinal);
                Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
            }
        }
    }
}
