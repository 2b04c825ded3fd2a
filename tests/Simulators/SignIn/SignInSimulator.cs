using BotGeneric.Simulators.SignIn.Apple;
using BotGeneric.Simulators.SignIn.Control;
using BotGeneric.Simulators.SignIn.Google;
using BotGeneric.Simulators.SignIn.Protocol;
using BotGeneric.Simulators.SignIn.Telegram;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn;

/// <summary>Stand-ins for Google's, Apple's and Telegram's sign-in, strict where those are.</summary>
public static class SignInSimulator
{
    private const int MaximumBodyBytes = 64 * 1024;

    /// <summary>Registers the providers. Each makes its key when it is first asked for one.</summary>
    /// <param name="services">The simulators' registrations.</param>
    internal static void AddSignInSimulator(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptionsValidator>();
        services.AddSingleton<SignInOrigin>();
        services.AddSingleton<AppleClientSecrets>();
        services.AddSingleton<GoogleProvider>();
        services.AddSingleton<AppleProvider>();
        services.AddSingleton<TelegramProvider>();
        services.AddSingleton<SignInProviders>();
        services.AddSingleton<TelegramSigner>();
        services.AddSingleton<MiniAppTargets>();
        services.AddHttpClient<AppleNotifications>(client => client.Timeout = AppleNotifications.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
    }

    /// <summary>Maps <c>/sign-in</c>.</summary>
    /// <param name="app">The simulators.</param>
    public static void MapSignInSimulator(this IEndpointRouteBuilder app)
    {
        app.MapGoogle();
        app.MapApple();
        app.MapTelegram();
        app.MapSignInControlApi();
    }

    /// <summary>Maps what every provider has: discovery, keys, authorization, the page, tokens.</summary>
    internal static RouteGroupBuilder MapProvider(
        this IEndpointRouteBuilder app, SignInProvider provider, string authorizePath, string tokenPath, string keysPath)
    {
        // Open to anybody, as the real ones are; simulators listen on this machine only and run in development only.
        var group = app.MapGroup(provider.Path).AllowAnonymous().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        group.MapGet("/.well-known/openid-configuration", () => TypedResults.Json(provider.Describe()));
        group.MapGet(keysPath, () => TypedResults.Json(provider.Keys.PublicKeys()));
        group.MapMethods(
            authorizePath,
            [HttpMethods.Get, HttpMethods.Post],
            (HttpContext context, CancellationToken cancellationToken) => AuthorizeEndpoint.StartAsync(provider, context, cancellationToken));
        group.MapPost(
            "/choose", (HttpContext context, CancellationToken cancellationToken) => AuthorizeEndpoint.ChooseAsync(provider, context, cancellationToken));
        group.MapPost(
            tokenPath, (HttpContext context, CancellationToken cancellationToken) => TokenEndpoint.ExchangeAsync(provider, context, cancellationToken));
        return group;
    }
}
