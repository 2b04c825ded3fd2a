using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

internal static class Arrival
{
    /// <summary>
    /// Waits until the page has an address. Not for its load event: whoever waits for an element waits for it anyway, and an event that came before the
    /// wait began is never seen.
    /// </summary>
    public static Task ArriveAsync(this IPage page, Func<string, bool> isThere) =>
        page.WaitForURLAsync(isThere, new PageWaitForURLOptions { WaitUntil = WaitUntilState.Commit });
}
