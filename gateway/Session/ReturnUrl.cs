using BotGeneric.WebUi.Http;

namespace BotGeneric.Gateway.Session;

/// <summary>Where a person goes after signing in: a path of this origin and nothing else.</summary>
internal static class ReturnUrl
{
    private const int Longest = 2048;

    /// <summary>Whether a text is a path of this origin. Browsers read <c>//</c> and <c>/\</c> as another host, and drop control characters first.</summary>
    internal static bool IsLocal(string? text) =>
        text is { Length: > 0 and <= Longest }
        && text[0] == '/'
        && (text.Length == 1 || (text[1] != '/' && text[1] != '\\'))
        && !text.Contains('\\', StringComparison.Ordinal)
        && !text.Any(char.IsControl);

    /// <summary>Whether a request comes from somebody who looks at pages: what leads to signing in leads a program astray.</summary>
    internal static bool IsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.WantsPage();
}
