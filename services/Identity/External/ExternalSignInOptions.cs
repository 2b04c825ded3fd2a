namespace BotGeneric.Identity.External;

/// <summary>Keys under <c>External</c>: sign-in with other providers. A provider without a <c>ClientId</c> is off.</summary>
public sealed class ExternalSignInOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "External";

    /// <summary>Google: https://console.cloud.google.com/apis/credentials.</summary>
    public GoogleSignInOptions Google { get; set; } = new();

    /// <summary>Apple: https://developer.apple.com/account/resources/identifiers.</summary>
    public AppleSignInOptions Apple { get; set; } = new();

    /// <summary>Telegram: @BotFather.</summary>
    public TelegramSignInOptions Telegram { get; set; } = new();
}

/// <summary>What every provider needs.</summary>
public abstract class OpenIdProviderOptions
{
    /// <summary>The issuer, below which the discovery document is. The real provider's by default; <c>http</c> is accepted outside Production only.</summary>
    public abstract Uri Authority { get; set; }

    /// <summary>The client that is registered with the provider; without it the provider is off.</summary>
    public string? ClientId { get; set; }
}

/// <summary>Keys under <c>External:Google</c>.</summary>
public sealed class GoogleSignInOptions : OpenIdProviderOptions
{
    /// <inheritdoc />
    public override Uri Authority { get; set; } = new("https://accounts.google.com");

    /// <summary>The client's secret.</summary>
    public string? ClientSecret { get; set; }
}

/// <summary>Keys under <c>External:Apple</c>. Apple wants no stored secret but one that is signed with a key it gave out.</summary>
public sealed class AppleSignInOptions : OpenIdProviderOptions
{
    /// <inheritdoc />
    public override Uri Authority { get; set; } = new("https://appleid.apple.com");

    /// <summary>The team, ten characters.</summary>
    public string? TeamId { get; set; }

    /// <summary>The id of the key, ten characters.</summary>
    public string? KeyId { get; set; }

    /// <summary>The private key as Apple's <c>.p8</c> file holds it: PEM, with line breaks or with <c>\n</c> in their place.</summary>
    public string? PrivateKey { get; set; }
}

/// <summary>Keys under <c>External:Telegram</c>.</summary>
public sealed class TelegramSignInOptions : OpenIdProviderOptions
{
    /// <inheritdoc />
    public override Uri Authority { get; set; } = new("https://oauth.telegram.org");

    /// <summary>The secret that BotFather shows under Web Login. It is not the bot's token.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The bot's token, with which Telegram signs what it hands to a Mini App and to the legacy widget; without it neither works.</summary>
    public string? BotToken { get; set; }

    /// <summary>
    /// The bot's user name without the at sign, for the link that opens a chat with it; without it that link is not offered. Set it only when a bot answers
    /// under that name: it has to bring the link to <c>/api/internal/telegram/link</c>.
    /// </summary>
    public string? BotUserName { get; set; }

    /// <summary>Where chats with the bot open: its user name follows. Telegram's own, or a stand-in for it.</summary>
    public Uri ChatUrl { get; set; } = new("https://t.me");
}
