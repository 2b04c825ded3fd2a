namespace BotGeneric.AppHost;

/// <summary>A provider of sign-in, and what it is set up with. The first parameter switches it on.</summary>
/// <param name="Parameters">Names under <c>Parameters</c>, and the keys under which identity knows them.</param>
internal sealed record SignInProvider(params IReadOnlyList<(string Name, string Key, bool IsSecret)> Parameters);

/// <summary>The providers of sign-in.</summary>
internal static class SignInProviders
{
    public static SignInProvider Google { get; } = new(
        ("google-client-id", "External__Google__ClientId", false),
        ("google-client-secret", "External__Google__ClientSecret", true));

    public static SignInProvider Apple { get; } = new(
        ("apple-client-id", "External__Apple__ClientId", false),
        ("apple-team-id", "External__Apple__TeamId", false),
        ("apple-key-id", "External__Apple__KeyId", false),
        ("apple-private-key", "External__Apple__PrivateKey", true));

    public static SignInProvider Telegram { get; } = new(
        ("telegram-client-id", "External__Telegram__ClientId", false),
        ("telegram-client-secret", "External__Telegram__ClientSecret", true),
        ("telegram-bot-token", "External__Telegram__BotToken", true),
        ("telegram-bot-name", "External__Telegram__BotUserName", false));

    public static IReadOnlyList<SignInProvider> All { get; } = [Google, Apple, Telegram];
}
