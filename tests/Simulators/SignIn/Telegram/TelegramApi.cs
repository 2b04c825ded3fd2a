using BotGeneric.Simulators.SignIn.Pages;
using BotGeneric.Simulators.SignIn.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Telegram;

/// <summary>The endpoints of the Telegram-like provider, and a page that stands in for the app: it opens a Mini App and answers for the legacy widget.</summary>
public static class TelegramApi
{
    internal static void MapTelegram(this IEndpointRouteBuilder app)
    {
        var group = app.MapProvider(app.ServiceProvider.GetRequiredService<TelegramProvider>(), "/auth", "/token", "/.well-known/jwks.json");
        group.MapGet("/mini-app", (TelegramProvider provider, HttpContext context) => MiniAppPage.Show(context, provider));
        group.MapPost("/mini-app", SignAsync);
    }

    private static async Task<ContentHttpResult> SignAsync(
        TelegramProvider provider, TelegramSigner signer, MiniAppTargets targets, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await OAuthParameters.OfFormAsync(context.Request, cancellationToken);
        return form?["person"] is { } key && provider.People.Find(key) is { } person
            ? MiniAppPage.ShowSigned(context, provider, signer, targets, person, TimeSpan.FromMinutes(int.TryParse(form["age"], out var age) ? Math.Clamp(age, 0, 1_000_000) : 0))
            : MiniAppPage.Show(context, provider);
    }
}
