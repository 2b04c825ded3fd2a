using BotGeneric.Identity.External.Api;
using BotGeneric.Identity.External.Attempts;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.External.OpenId;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.WebUi.Http;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External;

/// <summary>Sign-in with Google, Apple and Telegram, and the links between their identities and accounts here.</summary>
public static class ExternalSignIn
{
    /// <summary>Registers it.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddExternalSignIn(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<ExternalSignInOptions>().BindConfiguration(ExternalSignInOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ExternalSignInOptions>, ExternalSignInOptionsValidator>();

        services.AddSingleton<ExternalProviders>();
        services.AddSingleton<IExternalProviderList>(provider => provider.GetRequiredService<ExternalProviders>());
        services.AddHttpClient(ProviderBackchannel.ClientName, client => client.MaxResponseContentBufferSize = ProviderBackchannel.MaximumBytes)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        services.AddSingleton<ProviderBackchannel>();
        services.AddSingleton<ProviderMetadata>();
        services.AddSingleton<ProviderTokenValidator>();
        services.AddSingleton<AppleClientSecret>();
        services.AddSingleton<OpenIdClient>();

        services.AddScoped<AttemptStore>();

        services.AddSingleton<TelegramProofs>();
        services.AddSingleton<PendingLinks>();
        services.AddSingleton<ApplePages.Tickets>();
        services.AddSingleton<ExternalAccounts>();
        services.AddScoped<ChatLinks>();
        services.AddScoped<ExternalFlow>();
        services.AddScoped<SignInPages.Completion>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(
            TelegramLinkApi.Policy, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => TelegramLinkApi.IsTelegramService(context.User)));
    }

    /// <summary>Maps its pages and endpoints.</summary>
    /// <param name="app">The service.</param>
    public static void MapExternalSignIn(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var pages = app.MapPageGroup();
        pages.MapSignInPages();
        pages.MapApplePages();
        pages.MapTelegramPages();
        pages.MapLinksPages();
        AppleNotificationsApi.Map(app);
        app.MapTelegramLinkApi();
    }
}
