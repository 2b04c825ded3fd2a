using System.Security.Cryptography;
using BotGeneric.Simulators.SignIn.Apple;
using BotGeneric.Simulators.SignIn.Telegram;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn;

/// <summary>Refuses at the start what a provider's console would refuse at registration.</summary>
internal sealed class SignInOptionsValidator : IValidateOptions<SignInOptions>
{
    public ValidateOptionsResult Validate(string? name, SignInOptions options)
    {
        var failures = new List<string>();
        Url("PublicUrl", options.PublicUrl);
        Url("Origin", options.Origin);
        Provider("Google", options.Google, needsSecret: true);
        Provider("Apple", options.Apple, needsSecret: false);
        Provider("Telegram", options.Telegram, needsSecret: true);
        Apple(options.Apple);
        Telegram(options.Telegram);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Url(string key, Uri? value)
        {
            if (value is not null && !(value.IsAbsoluteUri && value.Scheme is "http" or "https"))
            {
                failures.Add($"SignIn:{key} must be an absolute http or https URL.");
            }
        }

        void Provider(string key, ProviderOptions provider, bool needsSecret)
        {
            foreach (var client in provider.Clients)
            {
                if (client.ClientId.Length == 0 || (needsSecret && client.ClientSecret.Length == 0))
                {
                    failures.Add($"SignIn:{key}: a client needs a ClientId{(needsSecret ? " and a ClientSecret" : string.Empty)}.");
                }

                foreach (var uri in client.RedirectUris.Where(uri => !IsRedirectUri(uri, options.AllowHttpLoopback)))
                {
                    failures.Add($"SignIn:{key}:RedirectUris: '{uri}' must be an absolute https URL without a fragment; http only for this machine and with SignIn:AllowHttpLoopback.");
                }
            }

            if (provider.Clients.GroupBy(client => client.ClientId, StringComparer.Ordinal).Any(group => group.Count() > 1))
            {
                failures.Add($"SignIn:{key}: two clients have the same ClientId.");
            }
        }

        void Apple(AppleOptions apple)
        {
            if (apple.TeamId.Length == 0 || apple.KeyId.Length == 0)
            {
                failures.Add("SignIn:Apple:TeamId and SignIn:Apple:KeyId must not be empty.");
            }

            if (apple.PublicKey is null)
            {
                return;
            }

            try
            {
                AppleClientSecrets.ReadPublicKey(apple.PublicKey).Dispose();
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException or FormatException)
            {
                failures.Add("SignIn:Apple:PublicKey must be a public key on P-256, as PEM or as the base64 inside of a PEM.");
            }
        }

        void Telegram(TelegramOptions telegram)
        {
            if (!TelegramOptions.IsBotToken(telegram.BotToken))
            {
                failures.Add("SignIn:Telegram:BotToken must have the shape '<bot id>:<at least 20 characters>'.");
            }

            if (telegram.Clients.Any(client => client.ClientSecret == telegram.BotToken))
            {
                failures.Add("SignIn:Telegram:ClientSecret must not be the bot token: BotFather gives out two different secrets.");
            }

            if (telegram.Algorithm is not (SigningAlgorithms.Rs256 or SigningAlgorithms.Es256))
            {
                failures.Add("SignIn:Telegram:Algorithm must be RS256 or ES256.");
            }
        }
    }

    internal static bool IsRedirectUri(string text, bool allowHttpLoopback) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && !text.Contains('#', StringComparison.Ordinal)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && allowHttpLoopback));
}
