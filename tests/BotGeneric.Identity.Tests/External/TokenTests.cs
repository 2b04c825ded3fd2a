using System.Net;
using System.Text.Json.Nodes;

namespace BotGeneric.Identity.Tests.External;

[Collection(ExternalCollection.Name)]
public sealed class TokenTests : IDisposable
{
    private readonly ExternalApplication _identity;

    public TokenTests(ExternalApplication identity)
    {
        _identity = identity;
        _identity.Providers.Reset();
    }

    public void Dispose() => _identity.Providers.Reset();

    public static TheoryData<string> Forgeries => ["nonce", "no-nonce", "audience", "issuer", "expired", "no-expiry", "future", "party", "two-audiences", "subject"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_token_that_says_something_wrong_signs_nobody_in(string forgery)
    {
        var now = _identity.Clock.GetUtcNow().ToUnixTimeSeconds();
        _identity.Providers.Google.Alter = claims =>
        {
            switch (forgery)
            {
                case "nonce":
                    claims["nonce"] = "another";
                    break;
                case "no-nonce":
                    claims.Remove("nonce");
                    break;
                case "audience":
                    claims["aud"] = "another-client";
                    break;
                case "issuer":
                    claims["iss"] = "https://evil.test";
                    break;
                case "expired":
                    claims["exp"] = now - 120;
                    break;
                case "no-expiry":
                    claims.Remove("exp");
                    break;
                case "future":
                    claims["iat"] = now + 600;
                    break;
                case "party":
                    claims["azp"] = "another-client";
                    break;
                case "two-audiences":
                    claims["aud"] = new JsonArray("google-client", "another-client");
                    break;
                default:
                    claims.Remove("sub");
                    break;
            }
        };

        await AssertRefusedAsync("google");
    }

    [Fact]
    public async Task A_token_without_the_providers_signature_signs_nobody_in()
    {
        var google = _identity.Providers.Google;
        foreach (var sign in new Func<string, string>[] { FakeProvider.Unsigned, google.SignWithAnotherKey, google.SignWithPublicKey, _ => "not a token" })
        {
            google.Sign = sign;
            await AssertRefusedAsync("google");
        }
    }

    [Fact]
    public async Task Telegram_may_leave_the_nonce_out_but_not_send_another()
    {
        using var accepted = await _identity.SignedInAsync("telegram", FakePerson.OfTelegram());

        _identity.Providers.Telegram.Alter = claims => claims["nonce"] = "another";
        await AssertRefusedAsync("telegram");
    }

    [Fact]
    public async Task A_new_key_is_known_at_once_and_asked_for_once_a_minute()
    {
        using var before = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        _identity.Clock.Advance(TimeSpan.FromMinutes(2));
        _identity.Providers.Google.RotateKey();

        using var after = await _identity.SignedInAsync("google", FakePerson.OfGoogle());

        _identity.Providers.Google.RotateKey();
        await AssertRefusedAsync("google");
        _identity.Clock.Advance(TimeSpan.FromMinutes(2));
        using var later = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
    }

    [Fact]
    public async Task An_elliptic_signature_is_accepted()
    {
        _identity.Clock.Advance(TimeSpan.FromMinutes(2));
        _identity.Providers.Telegram.UseEcdsa();

        using var browser = await _identity.SignedInAsync("telegram", FakePerson.OfTelegram());
    }

    [Fact]
    public async Task A_provider_whose_keys_cannot_be_read_again_keeps_working_with_the_old_ones()
    {
        using var before = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        _identity.Clock.Advance(TimeSpan.FromHours(13));
        _identity.Providers.Google.IsDown = true;
        using var browser = _identity.OpenBrowser();

        var request = await ExternalApplication.StartAsync(browser, "google");

        _identity.Providers.Google.IsDown = false;
        using var response = await ExternalApplication.ReturnAsync(browser, _identity.Providers.Google.Approve(request, FakePerson.OfGoogle()));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    private async Task AssertRefusedAsync(string provider)
    {
        var person = provider == "telegram" ? FakePerson.OfTelegram() : FakePerson.OfGoogle();
        using var browser = _identity.OpenBrowser();
        using var response = await _identity.SignInAsync(browser, provider, person);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Null(await _identity.FindAsync(provider, person.Subject));
        using var page = await browser.GetAsync("/account/links");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }
}
