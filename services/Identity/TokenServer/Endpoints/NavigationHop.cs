namespace BotGeneric.Identity.TokenServer.Endpoints;

/// <summary>
/// The way from a form of ours to another site. Our pages allow forms to go to our own origin only (<c>form-action</c>), and Chromium applies that to the
/// redirects that follow too: a login that ends at an application elsewhere would stop. There the answer is a page that goes on by itself instead.
/// </summary>
internal static class NavigationHop
{
    public static void Prepare(HttpContext context, Uri origin)
    {
        // Browsers say where a navigation began. One that began here began with a form or a link of ours; everybody else gets the plain redirect.
        if (context.Request.Headers["Sec-Fetch-Site"] != "same-origin")
        {
            return;
        }

        context.Response.OnStarting(() =>
        {
            var response = context.Response;
            if (response.StatusCode == StatusCodes.Status302Found && Uri.TryCreate(response.Headers.Location, UriKind.Absolute, out var target)
                && Uri.Compare(target, origin, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
            {
                response.StatusCode = StatusCodes.Status200OK;
                response.Headers["Refresh"] = $"0;url={target.AbsoluteUri}";
                response.Headers.Remove("Location");
            }

            return Task.CompletedTask;
        });
    }
}
