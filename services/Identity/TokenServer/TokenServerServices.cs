using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.Identity.TokenServer.Grants;
using BotGeneric.Identity.TokenServer.Handlers;
using BotGeneric.Identity.TokenServer.Keys;
using BotGeneric.Identity.TokenServer.Maintenance;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace BotGeneric.Identity.TokenServer;

/// <summary>The OAuth 2.0 and OpenID Connect server.</summary>
public static class TokenServerServices
{
    // Consonants only: no word comes out, and nothing that is misread.
    private static readonly string[] UserCodeLetters = [.. "BCDFGHJKLMNPQRSTVWXZ".Select(letter => letter.ToString())];

    /// <summary>Registers the token server, its keys, its clients and its housekeeping.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddTokenServer(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        AddOptions(services, builder.Environment);

        services.AddSingleton<KeyMaterial>();
        services.AddSingleton<SigningKeyRing>();
        services.AddSingleton<SigningKeyStore>();
        services.Replace(ServiceDescriptor.Singleton<ISigningKeySource, OwnSigningKeys>());
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<SigningKeyRing>());
        services.AddHostedService<SigningKeyRotation>();
        services.AddHostedService<ClientSeeding>();
        services.AddSingleton<Pruning>();
        services.AddHostedService(provider => provider.GetRequiredService<Pruning>());

        services.AddSingleton<DevicePolling>();
        services.AddSingleton<CodeGuesses>();
        services.AddSingleton<TokenPrincipals>();
        services.AddScoped<GatheredTokens>();
        services.AddScoped<TokenSubjects>();
        services.AddScoped<Consents>();
        services.AddScoped<ClientScopes>();
        services.AddScoped<ClientCatalogue>();
        services.AddScoped<UserGrants>();
        services.AddScoped<ClientCredentialsGrant>();
        services.AddScoped<TokenExchangeGrant>();
        services.AddScoped<ImpersonationGrant>();
        services.AddScoped<ApiKeyGrant>();

        services.AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore().UseDbContext<IdentityDbContext>().ReplaceDefaultEntities<Guid>();
                core.ReplaceApplicationManager(typeof(ClientManager<>));
                core.ReplaceApplicationStore<OpenIddictEntityFrameworkCoreApplication<Guid>, ClientStore>();
                core.ReplaceAuthorizationStore<OpenIddictEntityFrameworkCoreAuthorization<Guid>, AuthorizationStore>();
                core.ReplaceTokenStore<OpenIddictEntityFrameworkCoreToken<Guid>, TokenStore>();
            })
            .AddServer(Configure);
        services.AddOptions<OpenIddictServerOptions>().Configure<IOptions<TokenServerOptions>, IOptions<OriginOptions>>(ConfigureFromOptions);
    }

    private static void AddOptions(IServiceCollection services, IHostEnvironment environment)
    {
        services.AddOptions<TokenServerOptions>().BindConfiguration(TokenServerOptions.SectionName).ValidateDataAnnotations()
            .Validate(
                options => options.RefreshTokenLifetime <= options.Keys.Retention,
                "TokenServer:RefreshTokenLifetime is longer than TokenServer:Keys:Retention. A refresh token could outlive the key that encrypts it.")
            .Validate(
                options => options.Keys.Announcement < options.Keys.Rotation,
                "TokenServer:Keys:Announcement must be shorter than TokenServer:Keys:Rotation.")
            .ValidateOnStart();
        services.AddOptions<ClientOptions>().BindConfiguration(ClientOptions.SectionName)
            .Validate(
                options => new[] { options.Gateway, options.Telegram, options.Agents }.All(client => client.Secret is null or { Length: >= ClientSecret.MinimumLength }),
                "A secret under Clients is shorter than 32 characters. Generate it, for example with 'openssl rand -base64 36'.")
            .Validate(
                options => options.Gateway.Secret is not null || !environment.IsProduction(),
                "Clients:Gateway:Secret is missing. Set it to the secret that the gateway has too: nobody could sign in.")
            .ValidateOnStart();
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        // The first address of each is the one in discovery; the others answer too.
        server
            .SetAuthorizationEndpointUris(Relative(TokenServerNames.Authorize))
            .SetTokenEndpointUris(Relative(TokenServerNames.Token))
            .SetUserInfoEndpointUris(Relative(TokenServerNames.UserInfo))
            .SetIntrospectionEndpointUris(Relative(TokenServerNames.Introspect))
            .SetRevocationEndpointUris(Relative(TokenServerNames.Revocation), Relative(TokenServerNames.RevocationAlias))
            .SetDeviceAuthorizationEndpointUris(Relative(TokenServerNames.DeviceAuthorization), Relative(TokenServerNames.DeviceAuthorizationAlias))
            .SetEndUserVerificationEndpointUris(Relative(TokenServerNames.Device))
            .SetPushedAuthorizationEndpointUris(Relative(TokenServerNames.PushedAuthorization))
            .SetEndSessionEndpointUris(Relative(TokenServerNames.EndSession), Relative(TokenServerNames.EndSessionAlias))
            .SetConfigurationEndpointUris(Relative(TokenServerNames.Configuration))
            .SetJsonWebKeySetEndpointUris(Relative(TokenServerNames.KeySet), Relative(TokenServerNames.KeySetAlias));

        server
            .AllowAuthorizationCodeFlow()
            .RequireProofKeyForCodeExchange()
            .AllowRefreshTokenFlow()
            .AllowClientCredentialsFlow()
            .AllowDeviceAuthorizationFlow()
            .AllowTokenExchangeFlow()
            .AllowCustomFlow(TokenServerNames.ApiKeyGrant)
            .EnableAuthorizationRequestCaching()
            .UseReferenceRefreshTokens()
            .DisableAccessTokenEncryption()
            .SetUserCodeCharset(UserCodeLetters)
            .SetUserCodeLength(8)
            .SetUserCodeDisplayFormat("{0}{1}{2}{3}-{4}{5}{6}{7}")
            .RegisterScopes([.. TokenServerNames.Scopes])
            .RegisterAudiences([.. TokenServerNames.Audiences])
            .IgnoreAudiencePermissions()
            .RegisterClaims(
                Claims.Subject, Claims.Name, Claims.Picture, Claims.Locale, Claims.Zoneinfo, Claims.Email, Claims.EmailVerified, Claims.AuthenticationTime,
                Claims.AuthenticationMethodReference, Claims.AuthenticationContextReference, "sid");

        server.UseAspNetCore()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough()
            .EnableUserInfoEndpointPassthrough()
            .EnableEndSessionEndpointPassthrough()
            .EnableEndUserVerificationEndpointPassthrough()
            .EnableErrorPassthrough()
            .SuppressJsonResponseIndentation()
            // TLS ends at the gateway, or in front of it; between it and us is our own network.
            .DisableTransportSecurityRequirement();

        server.Configure(options =>
        {
            options.CodeChallengeMethods.Clear();
            options.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);
            // A page that posts a form to another site by script is what our content security policy forbids.
            options.ResponseModes.Remove(ResponseModes.FormPost);
            options.ResponseModes.Remove(ResponseModes.Fragment);
            options.SubjectTokenTypes.Clear();
            options.SubjectTokenTypes.UnionWith([TokenTypeIdentifiers.AccessToken, TokenServerNames.UserIdToken]);
            options.ActorTokenTypes.Clear();
            options.ActorTokenTypes.Add(TokenTypeIdentifiers.AccessToken);
            options.RequestedTokenTypes.Clear();
            options.RequestedTokenTypes.Add(TokenTypeIdentifiers.AccessToken);
            options.DefaultRequestedTokenType = TokenTypeIdentifiers.AccessToken;
        });
        AddHandlers(server);
    }

    private static void ConfigureFromOptions(OpenIddictServerOptions server, IOptions<TokenServerOptions> options, IOptions<OriginOptions> origin)
    {
        var settings = options.Value;
        server.Issuer = origin.Value.Issuer;
        server.AccessTokenLifetime = settings.AccessTokenLifetime;
        server.IdentityTokenLifetime = settings.AccessTokenLifetime;
        server.RefreshTokenLifetime = settings.RefreshTokenLifetime;
        server.RefreshTokenReuseLeeway = settings.RefreshTokenReuseLeeway;
        server.AuthorizationCodeLifetime = settings.AuthorizationCodeLifetime;
        server.RequestTokenLifetime = settings.RequestLifetime;
        server.DeviceCodeLifetime = settings.DeviceCodeLifetime;
        server.UserCodeLifetime = settings.DeviceCodeLifetime;
    }

    private static void AddHandlers(OpenIddictServerBuilder server)
    {
        Add<ExtractAuthorizationRequestContext, RefuseRepeatedParameters<ExtractAuthorizationRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractPushedAuthorizationRequestContext, RefuseRepeatedParameters<ExtractPushedAuthorizationRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractTokenRequestContext, RefuseRepeatedParameters<ExtractTokenRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractDeviceAuthorizationRequestContext, RefuseRepeatedParameters<ExtractDeviceAuthorizationRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractIntrospectionRequestContext, RefuseRepeatedParameters<ExtractIntrospectionRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractRevocationRequestContext, RefuseRepeatedParameters<ExtractRevocationRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractEndSessionRequestContext, RefuseRepeatedParameters<ExtractEndSessionRequestContext>>(server, int.MaxValue - 1000);
        Add<ExtractEndUserVerificationRequestContext, UpperCaseUserCodes>(server, int.MaxValue - 1000);
        Add<ValidateTokenRequestContext, ReadRefreshTokenFirst>(server, Exchange.ValidateAuthentication.Descriptor.Order - 500);
        Add<ValidateTokenRequestContext, RefuseMalformedKeys>(server, Exchange.ValidateGrantType.Descriptor.Order + 500);
        Add<ValidateAuthorizationRequestContext, RefuseForeignScopes<ValidateAuthorizationRequestContext>>(
            server, OpenIddictServerHandlers.Authentication.ValidateScopePermissions.Descriptor.Order - 500);
        Add<ValidatePushedAuthorizationRequestContext, RefuseForeignScopes<ValidatePushedAuthorizationRequestContext>>(
            server, OpenIddictServerHandlers.Authentication.ValidatePushedScopePermissions.Descriptor.Order - 500);
        Add<ValidateDeviceAuthorizationRequestContext, RefuseForeignScopes<ValidateDeviceAuthorizationRequestContext>>(
            server, Device.ValidateScopePermissions.Descriptor.Order - 500);
        Add<ValidateTokenRequestContext, RefuseForeignScopes<ValidateTokenRequestContext>>(server, Exchange.ValidateScopePermissions.Descriptor.Order - 500);
        Add<ValidateTokenRequestContext, RefuseWiderRefreshes>(server, Exchange.ValidateGrantedScopes.Descriptor.Order - 500);
        Add<ValidateTokenContext, ReadUserIdTokens>(server, Protection.ResolveTokenValidationParameters.Descriptor.Order + 500);
        Add<ValidateTokenContext, RevokeReusedGrants>(server, Protection.ValidateTokenEntry.Descriptor.Order - 500);
        Add<GenerateTokenContext, LeaveIdentityTokensUnrecorded>(server, Protection.CreateTokenEntry.Descriptor.Order - 500);
        Add<GenerateTokenContext, ShapeTokens>(server, Protection.AttachTokenMetadata.Descriptor.Order + 500);
        Add<ProcessSignInContext, GatherTokens>(server, ValidateSignInDemand.Descriptor.Order + 500);
        Add<ProcessSignInContext, WriteGatheredTokens>(server, AttachSignInParameters.Descriptor.Order + 500);
        Add<ValidateIntrospectionRequestContext, IntrospectStanding>(server, Introspection.ValidateAuthorizedParty.Descriptor.Order + 500);
        Add<HandleRevocationRequestContext, RevokeWholeGrant>(server, Revocation.RevokeToken.Descriptor.Order + 500);
        Add<HandleConfigurationRequestContext, AttachPublicAddresses>(server, Discovery.AttachEndpoints.Descriptor.Order - 500);
        Add<ApplyAuthorizationResponseContext, SendErrorsBack>(server, OpenIddictServerHandlers.Authentication.InferResponseMode.Descriptor.Order + 500);
        Add<ApplyDeviceAuthorizationResponseContext, CompleteDeviceResponse>(server, int.MinValue + 50_000);
        Add<ApplyTokenResponseContext, SlowDevicesDown>(server, Exchange.NormalizeErrorResponse.Descriptor.Order + 500);
    }

    private static void Add<TContext, THandler>(OpenIddictServerBuilder server, int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        server.AddEventHandler<TContext>(handler => handler.UseScopedHandler<THandler>().SetOrder(order));

    private static string Relative(string path) => path[1..];
}
