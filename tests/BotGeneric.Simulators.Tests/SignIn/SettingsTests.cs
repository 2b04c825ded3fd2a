using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>What a provider's console would refuse, the simulators refuse at the start.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("SignIn:Telegram:RedirectUris:0", "http://bot.example/account/external/telegram/callback", "RedirectUris")]
    [InlineData("SignIn:Google:RedirectUris:0", "https://bot.example/callback#fragment", "RedirectUris")]
    [InlineData("SignIn:Apple:RedirectUris:0", "/callback", "RedirectUris")]
    [InlineData("SignIn:Telegram:BotToken", "not-a-token", "BotToken")]
    [InlineData("SignIn:Telegram:ClientSecret", "7000000001:simulated-bot-token-for-development", "must not be the bot token")]
    [InlineData("SignIn:Telegram:Algorithm", "HS256", "Algorithm")]
    [InlineData("SignIn:Apple:PublicKey", "bm8ga2V5", "PublicKey")]
    [InlineData("SignIn:Google:ClientSecret", "", "ClientSecret")]
    [InlineData("SignIn:CodeLifetime", "00:00:59", "CodeLifetime")]
    [InlineData("SignIn:CodeLifetime", "00:10:01", "CodeLifetime")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value, string named)
    {
        await using var host = new SignInSimulatorHost().Set(key, value);

        var exception = Assert.Throws<OptionsValidationException>(() => host.Http);

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_is_refused_on_this_machine_too_when_it_is_not_allowed()
    {
        await using var host = new SignInSimulatorHost()
            .Set("SignIn:AllowHttpLoopback", "false").Set("SignIn:Telegram:RedirectUris:0", "http://localhost:8080/callback");

        Assert.Throws<OptionsValidationException>(() => host.Http);
    }

    [Fact]
    public async Task Redirect_uris_follow_the_public_address()
    {
        await using var host = new SignInSimulatorHost().Set("SignIn:PublicUrl", "https://bot.example/");
        await host.ApprovedByAsync(TestProvider.Google, "anna");

        var answer = await host.AnswerAsync(TestProvider.Google, ("redirect_uri", "https://bot.example/account/external/google/callback"));

        Assert.Contains("code", answer.Keys);
    }
}
