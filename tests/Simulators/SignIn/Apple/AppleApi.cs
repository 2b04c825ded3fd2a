using BotGeneric.Simulators.SignIn.Protocol;

namespace BotGeneric.Simulators.SignIn.Apple;

/// <summary>The endpoints of the Apple-like provider.</summary>
public static class AppleApi
{
    internal static void MapApple(this IEndpointRouteBuilder app)
    {
        var group = app.MapProvider(app.ServiceProvider.GetRequiredService<AppleProvider>(), "/auth/authorize", "/auth/token", "/auth/keys");
        group.MapPost("/auth/revoke", (AppleProvider provider, HttpContext context, CancellationToken cancellationToken) =>
            TokenEndpoint.RevokeAsync(provider, context, cancellationToken));
    }
}
