using System.Text.RegularExpressions;
using BotGeneric.Identity.Tests.Accounts.Support;

namespace BotGeneric.Identity.Tests.Accounts;

/// <summary>What every page owes people whatever it is about.</summary>
public sealed partial class PageDutyTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task A_field_for_a_password_hides_what_is_typed_and_lets_managers_fill_it()
    {
        var person = await Person.RegisterAsync(identity);
        using var stranger = identity.OpenBrowser();
        var pages = new[] { await stranger.ReadAsync("/login"), await stranger.ReadAsync("/register"), await person.Browser.ReadAsync("/account/security/password") };

        foreach (var page in pages)
        {
            var fields = Inputs().Matches(page).Select(field => field.Value).Where(field => Passwords().IsMatch(field)).ToList();
            Assert.NotEmpty(fields);
            Assert.All(fields, field =>
            {
                Assert.Contains("type=\"password\"", field, StringComparison.Ordinal);
                Assert.Matches("autocomplete=\"(current|new)-password\"", field);
                Assert.DoesNotContain("readonly", field, StringComparison.Ordinal);
                Assert.DoesNotMatch("\\son[a-z]+=", field);
            });
        }
    }

    [Theory]
    [InlineData("/account")]
    [InlineData("/account/security")]
    [InlineData("/account/links")]
    [InlineData("/account/sessions")]
    [InlineData("/account/applications")]
    [InlineData("/account/keys")]
    [InlineData("/account/organizations")]
    [InlineData("/account/privacy")]
    public async Task Every_page_of_an_account_has_a_way_to_sign_out(string address)
    {
        var person = await Person.RegisterAsync(identity);

        using var left = await person.Browser.SubmitAsync(address, "/account/sign-out");

        using var after = await person.Browser.GetAsync(address);
        Assert.Contains("/login", after.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Inputs();

    [GeneratedRegex("name=\"[a-zA-Z]*[pP]assword\"")]
    private static partial Regex Passwords();
}
