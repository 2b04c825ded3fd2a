using System.Security.Cryptography;
using System.Text.RegularExpressions;
using BotGeneric.Identity.External.OpenId;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External;

/// <summary>Refuses a provider that is set up by half: somebody meant to switch it on.</summary>
/// <param name="environment">Decides whether <c>http</c> is accepted.</param>
internal sealed partial class ExternalSignInOptionsValidator(IHostEnvironment environment) : IValidateOptions<ExternalSignInOptions>
{
    public ValidateOptionsResult Validate(string? name, ExternalSignInOptions options)
    {
        var failures = new List<string>();
        CheckAddress("Google:Authority", options.Google.Authority, failures);
        CheckAddress("Apple:Authority", options.Apple.Authority, failures);
        CheckAddress("Telegram:Authority", options.Telegram.Authority, failures);
        CheckComplete("Google", failures, ("ClientId", options.Google.ClientId), ("ClientSecret", options.Google.ClientSecret));
        CheckComplete(
            "Apple", failures, ("ClientId", options.Apple.ClientId), ("TeamId", options.Apple.TeamId), ("KeyId", options.Apple.KeyId),
            ("PrivateKey", options.Apple.PrivateKey));
        CheckComplete("Telegram", failures, ("ClientId", options.Telegram.ClientId), ("ClientSecret", options.Telegram.ClientSecret));
        CheckAppleKey(options.Apple.PrivateKey, failures);
        CheckBot(options.Telegram, failures);
        CheckAddress("Telegram:ChatUrl", options.Telegram.ChatUrl, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckComplete(string provider, List<string> failures, params (string Key, string? Value)[] settings)
    {
        if (settings.All(setting => string.IsNullOrWhiteSpace(setting.Value)))
        {
            return;
        }

        failures.AddRange(settings
            .Where(setting => string.IsNullOrWhiteSpace(setting.Value))
            .Select(setting => $"External:{provider}:{setting.Key} is missing. Set it, or remove the other keys of External:{provider} to switch the provider off."));
    }

    private static void CheckAppleKey(string? privateKey, List<string> failures)
    {
        if (string.IsNullOrWhiteSpace(privateKey))
        {
            return;
        }

        try
        {
            AppleClientSecret.ReadKey(privateKey).Dispose();
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            failures.Add("External:Apple:PrivateKey must be a private key on P-256 in PEM, the content of the .p8 file.");
        }
    }

    private static void CheckBot(TelegramSignInOptions telegram, List<string> failures)
    {
        if (!string.IsNullOrEmpty(telegram.BotToken) && !BotToken().IsMatch(telegram.BotToken))
        {
            failures.Add("External:Telegram:BotToken must have the shape '<bot id>:<secret>', as BotFather shows it.");
        }

        if (!string.IsNullOrEmpty(telegram.BotToken) && telegram.BotToken == telegram.ClientSecret)
        {
            failures.Add("External:Telegram:ClientSecret must not be the bot's token: BotFather shows the client secret under Web Login.");
        }

        if (!string.IsNullOrEmpty(telegram.BotUserName) && !BotUserName().IsMatch(telegram.BotUserName))
        {
            failures.Add("External:Telegram:BotUserName must be the bot's user name without the at sign: 5 to 32 letters, digits and underscores.");
        }
    }

    private void CheckAddress(string key, Uri? address, List<string> failures)
    {
        if (address is not { IsAbsoluteUri: true, Query: "", Fragment: "" }
            || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && !environment.IsProduction())))
        {
            failures.Add($"External:{key} must be an https address{(environment.IsProduction() ? string.Empty : " (or http outside Production)")}.");
        }
    }

    [GeneratedRegex("^[0-9]{1,20}:[A-Za-z0-9_-]{20,}$", RegexOptions.CultureInvariant)]
    private static partial Regex BotToken();

    [GeneratedRegex("^[A-Za-z0-9_]{5,32}$", RegexOptions.CultureInvariant)]
    private static partial Regex BotUserName();
}
