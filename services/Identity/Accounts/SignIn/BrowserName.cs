namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>What a browser calls itself, in words that people recognise it by. Not to be trusted for anything else.</summary>
/// <param name="Browser">Such as <c>Firefox</c>; null: not known.</param>
/// <param name="System">Such as <c>Linux</c>; null: not known.</param>
public sealed record BrowserName(string? Browser, string? System)
{
    // The first that matches counts: most browsers also name those they want to be taken for.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("Opera", "Opera"), ("YaBrowser/", "Yandex Browser"), ("SamsungBrowser/", "Samsung Internet"),
        ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"), ("Telegram", "Telegram"), ("Safari/", "Safari"), ("curl/", "curl"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    /// <summary>Whether the device is one that is carried in a pocket.</summary>
    public bool IsMobile => System is "Android" or "iOS" or "iPadOS";

    /// <summary>Reads the header <c>User-Agent</c>.</summary>
    /// <param name="userAgent">What was sent.</param>
    public static BrowserName Of(string? userAgent) => new(First(Browsers, userAgent), First(Systems, userAgent));

    /// <inheritdoc />
    public override string ToString() => (Browser, System) switch
    {
        (null, null) => "?",
        (null, _) => System,
        (_, null) => Browser,
        _ => $"{Browser}, {System}",
    };

    private static string? First((string Mark, string Name)[] marks, string? userAgent) => userAgent is null
        ? null
        : marks.FirstOrDefault(mark => userAgent.Contains(mark.Mark, StringComparison.Ordinal)).Name;
}
