using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Passkeys;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Accounts.Profile;
using BotGeneric.Identity.Accounts.Recovery;
using BotGeneric.Identity.Accounts.Registration;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.External;
using BotGeneric.Identity.Pages.Privacy;
using BotGeneric.Identity.Pages.Profile;
using BotGeneric.Identity.Pages.Recovery;
using BotGeneric.Identity.Pages.Registration;
using BotGeneric.Identity.Pages.Security;
using BotGeneric.Identity.Pages.Sessions;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Pages.SignIn;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts;

/// <summary>What people do with their accounts: register, sign in, recover, look after what they have.</summary>
public static class AccountFeatures
{
    /// <summary>Registers it.</summary>
    /// <param name="builder">The service being built, which has <see cref="AccountServices.AddAccounts"/> already.</param>
    public static void AddAccountFeatures(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        builder.AddRedisClient("redis");
        services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PasswordSettings>()
            .BindConfiguration(PasswordSettings.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                settings => settings.RangeService is null or { IsAbsoluteUri: true, Scheme: "https" } or { IsAbsoluteUri: true, IsLoopback: true },
                "Passwords:RangeService must be an https address.")
            .ValidateOnStart();
        services.AddOptions<PasswordHasherOptions>()
            .Configure<IOptions<PasswordSettings>>((hasher, settings) => hasher.IterationCount = settings.Value.Iterations);
        services.AddHttpClient<BreachedPasswords>(client => client.Timeout = TimeSpan.FromSeconds(2));
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<PasswordWork>();
        services.AddScoped<PasswordRules>();
        services.AddSingleton<SignInThrottle>();

        services.AddScoped<OneTimeLinks>();
        services.AddScoped<SingleUse>();
        services.AddSingleton<SealedValues>();

        services.TryAddSingleton<IExternalProviderList, NoExternalProviders>();
        services.AddScoped<KnownBrowsers>();
        services.AddScoped<PendingSignIns>();
        services.AddScoped<SignInFlow>();
        services.AddScoped<PasswordSignIn>();
        services.AddScoped<SecondFactorSignIn>();
        services.AddScoped<SecondFactors.SecondFactors>();
        services.AddScoped<SecurityNotices>();
        services.AddScoped<SessionList>();

        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeyOrigin>();
        services.TryAddScoped<IPasskeyHandler<User>, PasskeyHandler<User>>();
        services.AddSingleton<WaysIn>();
        services.AddScoped<PasskeyCeremonies>();
        services.AddScoped<PasskeyService>();

        services.AddScoped<RegistrationService>();
        services.AddScoped<PasswordService>();
        services.AddScoped<EmailChange>();
        services.AddScoped<ProfileService>();
        services.AddScoped<DataExport>();
        services.AddScoped<DeletionService>();
        services.AddScoped<Eraser>();
        services.AddScoped<ErasureList>();
        services.AddSingleton<ErasureWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ErasureWorker>());
    }

    /// <summary>Maps its pages and its API.</summary>
    /// <param name="app">The service.</param>
    public static void MapAccountFeatures(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup();
        pages.AddEndpointFilter<BusyFilter>();
        pages.MapSignInPages();
        pages.MapSecondFactorPages();
        pages.MapPasskeySignIn();
        pages.MapConfirmPages();
        pages.MapRegistrationPages();
        pages.MapRecoveryPages();
        pages.MapSecurityPages();
        pages.MapTotpPages();
        pages.MapPasskeyPages();
        pages.MapEmailPages();
        pages.MapSessionPages();
        pages.MapProfilePages();
        pages.MapPrivacyPages();
        app.MapUsersApi();
        app.MapSessionsApi();
        app.MapErasuresApi();
    }
}
