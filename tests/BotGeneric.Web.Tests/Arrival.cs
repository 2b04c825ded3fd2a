using BotGeneric.Testing;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

internal static class Arrival
{
    /// <summary>
    /// Waits until the page has an address. The address itself is looked at again and again, not an event of the browser: one that came before the wait began is never
    /// seen.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="isThere">Whether an address is the one.</param>
    /// <exception cref="TimeoutException">It stays elsewhere; the message holds where, and what stands there.</exception>
    public static async Task ArriveAsync(this IPage page, Func<string, bool> isThere)
    {
        try
        {
            await Eventually.GetAsync(() => Task.FromResult(page.Url), isThere, "the page to arrive");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{await page.InnerTextAsync("body")}", exception);
        }
    }
}
