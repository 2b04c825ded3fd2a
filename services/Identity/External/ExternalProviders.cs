using BotGeneric.Contracts.Identity.V1;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External;

/// <summary>How a client proves to a token endpoint who it is.</summary>
internal enum ClientAuthentication
{
    /// <summary>Id and secret in the form.</summary>
    Post,

    /// <summary>Id and secret in the <c>Authorization</c> header, the only way that Telegram accepts.</summary>
    Basic,

    /// <summary>In the form, with a secret that is signed anew: Apple.</summary>
    SignedPost,
}

/// <summary>A provider that is configured, and how it differs from the others.</summary>
internal sealed record ExternalProvider(string Name, Uri Authority, string ClientId, string? ClientSecret)
{
    internal required string Scope { get; init; }

    internal required ClientAuthentication Authentication { get; init; }

    /// <summary>Whether the answer comes as a form that another site posts. Apple insists on it when the name or the address is asked for.</summary>
    internal bool AnswersByPost { get; init; }

    /// <summary>Whether the id token may lack the nonce that was sent. PKCE and the back channel bind the code to the attempt then.</summary>
    internal bool MayOmitNonce { get; init; }

    /// <summary>The prompt that makes the provider ask, where it does not know <c>login</c>.</summary>
    internal string? AskingPrompt { get; init; }

    /// <summary>Other spellings of the issuer in id tokens.</summary>
    internal IReadOnlyList<string> OtherIssuers { get; init; } = [];

    /// <summary>The issuer as discovery must name it.</summary>
    internal string Issuer => Authority.AbsoluteUri.TrimEnd('/');

    internal string CallbackPath => $"/account/external/{Name}/callback";
}

/// <summary>The providers that are configured.</summary>
internal sealed class ExternalProviders : IExternalProviderList
{
    private readonly Dictionary<string, ExternalProvider> _providers;
    private readonly bool _hasBot;

    public ExternalProviders(IOptions<ExternalSignInOptions> options)
    {
        _providers = Configured(options.Value).ToDictionary(provider => provider.Name, StringComparer.Ordinal);
        _hasBot = !string.IsNullOrEmpty(options.Value.Telegram.BotToken);
        Buttons = [.. _providers.Values.Select(provider => new ExternalProviderButton(provider.Name, $"/login/external/{provider.Name}"))];
    }

    public IReadOnlyList<ExternalProviderButton> Buttons { get; }

    internal ExternalProvider? Find(string name) => _providers.GetValueOrDefault(name);

    public bool LeadsIn(string provider) => _providers.ContainsKey(provider) || (provider == IdentityProviders.Telegram && _hasBot);

    private static IEnumerable<ExternalProvider> Configured(ExternalSignInOptions options)
    {
        if (options.Google is { ClientId: { Length: > 0 } google })
        {
            yield return new ExternalProvider(IdentityProviders.Google, options.Google.Authority, google, options.Google.ClientSecret)
            {
                Scope = "openid email profile",
                Authentication = ClientAuthentication.Post,
                AskingPrompt = "select_account",
                // https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
                OtherIssuers = options.Google.Authority.Host == "accounts.google.com" ? ["accounts.google.com"] : [],
            };
        }

        if (options.Apple is { ClientId: { Length: > 0 } apple })
        {
            yield return new ExternalProvider(IdentityProviders.Apple, options.Apple.Authority, apple, null)
            {
                Scope = "openid name email",
                Authentication = ClientAuthentication.SignedPost,
                AnswersByPost = true,
            };
        }

        if (options.Telegram is { ClientId: { Length: > 0 } telegram })
        {
            yield return new ExternalProvider(IdentityProviders.Telegram, options.Telegram.Authority, telegram, options.Telegram.ClientSecret)
            {
                // The last one lets the bot write to the person first.
                Scope = "openid profile telegram:bot_access",
                Authentication = ClientAuthentication.Basic,
                MayOmitNonce = true,
            };
        }
    }
}
