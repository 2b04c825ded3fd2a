using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Telegram;

/// <summary>Where the bot's Mini App is, and where its legacy widget leads.</summary>
/// <param name="origin">Knows the defaults.</param>
/// <param name="options">Says otherwise.</param>
public sealed class MiniAppTargets(SignInOrigin origin, IOptions<SignInOptions> options)
{
    /// <summary>The Mini App.</summary>
    public string MiniApp => options.Value.Telegram.MiniAppUrl?.AbsoluteUri ?? origin.PublicUrl("/account/external/telegram/mini-app");

    /// <summary>The widget's <c>data-auth-url</c>.</summary>
    public string Widget => options.Value.Telegram.WidgetUrl?.AbsoluteUri ?? origin.PublicUrl("/account/external/telegram/widget");
}
