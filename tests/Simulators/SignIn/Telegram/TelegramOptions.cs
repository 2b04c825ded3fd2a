using System.Text.RegularExpressions;

namespace BotGeneric.Simulators.SignIn.Telegram;

/// <summary>Keys under <c>SignIn:Telegram</c>.</summary>
public sealed partial class TelegramOptions : ProviderOptions
{
    /// <summary>Starts with the client and the bot of development.</summary>
    public TelegramOptions()
    {
        ClientId = "7000000001";
        ClientSecret = "simulated-telegram-client-secret";
    }

    /// <summary>The bot's token. It signs Mini App data and the legacy widget's; it is not the client secret.</summary>
    public string BotToken { get; set; } = "7000000001:simulated-bot-token-for-development";

    /// <summary>What signs ID tokens, as BotFather offers it: <c>RS256</c> or <c>ES256</c>.</summary>
    public string Algorithm { get; set; } = SigningAlgorithms.Rs256;

    /// <summary>
    /// The Mini App that the page opens. By default <c>/account/external/telegram/mini-app</c> at <see cref="SignInOptions.PublicUrl"/>.
    /// </summary>
    public Uri? MiniAppUrl { get; set; }

    /// <summary>
    /// Where the legacy widget sends its data. By default <c>/account/external/telegram/widget</c> at <see cref="SignInOptions.PublicUrl"/>.
    /// </summary>
    public Uri? WidgetUrl { get; set; }

    /// <summary>The bot's id, the part of the token before the colon.</summary>
    internal string BotId => BotToken.Split(':')[0];

    internal static bool IsBotToken(string text) => BotTokenShape().IsMatch(text);

    [GeneratedRegex("^[1-9][0-9]{5,14}:[A-Za-z0-9_-]{20,}$", RegexOptions.CultureInvariant)]
    private static partial Regex BotTokenShape();
}
