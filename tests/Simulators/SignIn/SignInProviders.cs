using BotGeneric.Simulators.SignIn.Apple;
using BotGeneric.Simulators.SignIn.Google;
using BotGeneric.Simulators.SignIn.Telegram;

namespace BotGeneric.Simulators.SignIn;

/// <summary>The providers by name.</summary>
/// <param name="google">One of them.</param>
/// <param name="apple">One of them.</param>
/// <param name="telegram">One of them.</param>
public sealed class SignInProviders(GoogleProvider google, AppleProvider apple, TelegramProvider telegram)
{
    internal const string Google = "google";
    internal const string Apple = "apple";
    internal const string Telegram = "telegram";

    /// <summary>Finds a provider.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The provider; null when there is none of that name.</returns>
    public SignInProvider? Find(string name) => name switch
    {
        Google => google,
        Apple => apple,
        Telegram => telegram,
        _ => null,
    };
}
