using System.Security.Cryptography;
using BotGeneric.Identity.External;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace BotGeneric.Identity.Tests.External;

public sealed class OptionsTests
{
    private static readonly string AppleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem();

    [Fact]
    public void Nothing_configured_is_nothing_switched_on() => Assert.Null(Validate("Production"));

    [Theory]
    [InlineData("Google:ClientId", "Google:ClientSecret")]
    [InlineData("Google:ClientSecret", "Google:ClientId")]
    [InlineData("Apple:ClientId", "Apple:PrivateKey")]
    [InlineData("Apple:TeamId", "Apple:KeyId")]
    [InlineData("Telegram:ClientId", "Telegram:ClientSecret")]
    public void A_provider_that_is_set_up_by_half_stops_the_start_and_names_the_key(string set, string missing) =>
        Assert.Contains($"External:{missing} is missing", Validate("Development", (set, "something")), StringComparison.Ordinal);

    [Fact]
    public void A_provider_over_http_is_refused_in_production_only()
    {
        (string, string)[] settings = [("Google:Authority", "http://localhost:1/google"), ("Google:ClientId", "a"), ("Google:ClientSecret", "b")];

        Assert.Contains("External:Google:Authority", Validate("Production", settings), StringComparison.Ordinal);
        Assert.Null(Validate("Development", settings));
    }

    [Fact]
    public void A_key_that_is_none_is_refused_without_showing_it()
    {
        (string, string)[] settings = [("Apple:ClientId", "a"), ("Apple:TeamId", "b"), ("Apple:KeyId", "c")];

        Assert.Null(Validate("Production", [.. settings, ("Apple:PrivateKey", AppleKey)]));
        foreach (var wrong in new[] { "secret nonsense", ECDsa.Create(ECCurve.NamedCurves.nistP384).ExportPkcs8PrivateKeyPem(), ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfoPem() })
        {
            var failure = Validate("Production", [.. settings, ("Apple:PrivateKey", wrong)])!;
            Assert.Contains("External:Apple:PrivateKey", failure, StringComparison.Ordinal);
            Assert.DoesNotContain(wrong, failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_bots_token_is_not_the_client_secret()
    {
        const string token = ExternalApplication.BotToken;

        Assert.Contains("Web Login", Validate("Production", ("Telegram:ClientId", "1"), ("Telegram:ClientSecret", token), ("Telegram:BotToken", token)), StringComparison.Ordinal);
        Assert.Contains("External:Telegram:BotToken", Validate("Production", ("Telegram:BotToken", "nonsense")), StringComparison.Ordinal);
        Assert.Contains("External:Telegram:BotUserName", Validate("Production", ("Telegram:BotUserName", "@my_bot")), StringComparison.Ordinal);
        Assert.Contains("External:Telegram:ChatUrl", Validate("Production", ("Telegram:ChatUrl", "http://chats.example")), StringComparison.Ordinal);
        Assert.Null(Validate("Development", ("Telegram:ChatUrl", "http://chats.example")));
    }

    private static string? Validate(string environment, params (string Key, string Value)[] settings)
    {
        var options = new ExternalSignInOptions();
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build()
            .Bind(options);
        return new ExternalSignInOptionsValidator(new Surroundings(environment)).Validate(null, options).FailureMessage;
    }

    private sealed class Surroundings(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
