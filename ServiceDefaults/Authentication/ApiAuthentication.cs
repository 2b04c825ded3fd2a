using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// Who is calling. Every process validates the access token itself, whoever passed the request on, and every endpoint demands one unless it
/// says <c>AllowAnonymous</c>, so that a forgotten word closes a door instead of opening one. docs/decisions/0010.
/// </summary>
internal static class ApiAuthentication
{
    internal const string Scheme = JwtBearerDefaults.AuthenticationScheme;

    internal static void AddApiAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ApiAuthenticationOptions>()
            .Configure<IHostEnvironment>((options, environment) => options.Audience = DefaultAudience(environment.ApplicationName))
            .BindConfiguration(ApiAuthenticationOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                ApiAuthenticationOptions.HasUsableIssuer,
                "Authentication:Issuer must be an absolute http or https address without user, query and fragment, such as https://bot.example.")
            .Validate(ApiAuthenticationOptions.HasUsableJwksAddress, "Authentication:JwksAddress must be an absolute http or https address.")
            .ValidateOnStart();

        builder.Services.AddHttpClient(JwksSource.ClientName, client => client.MaxResponseContentBufferSize = JwksSource.MaximumBytes);
        builder.Services.TryAddSingleton<ISigningKeySource, JwksSource>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<IConfigurationManager<OpenIdConnectConfiguration>>(services => services.GetRequiredService<SigningKeys>());
        builder.Services.AddHostedService<SigningKeyPrefetch>();

        builder.Services.AddSingleton<ValidatedTokens>();
        builder.Services.AddTransient<AccessTokenHandler>();
        builder.Services.AddAuthentication(Scheme).AddJwtBearer();
        builder.Services.Configure<AuthenticationOptions>(options => options.SchemeMap[Scheme].HandlerType = typeof(AccessTokenHandler));
        builder.Services.AddOptions<JwtBearerOptions>(Scheme)
            .Configure<IOptions<ApiAuthenticationOptions>, SigningKeys, TimeProvider>(Configure);
        // The framework logs each refused token with a stack trace; what is of use is logged by the events.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication", LogLevel.Warning);

        builder.Services.AddSingleton<IAuthorizationHandler, RecentSignInHandler>();
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessRefusals>();
        ApiPolicies.Add(builder.Services.AddAuthorizationBuilder());
    }

    private static string DefaultAudience(string applicationName) =>
        applicationName[(applicationName.LastIndexOf('.') + 1)..].ToLowerInvariant();

    private static void Configure(JwtBearerOptions options, IOptions<ApiAuthenticationOptions> settings, SigningKeys keys, TimeProvider timeProvider)
    {
        options.ConfigurationManager = keys;
        // The token handler does so itself, and waits for the answer.
        options.RefreshOnIssuerKeyNotFound = false;
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.Events = new AccessTokenEvents(keys);
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = settings.Value.ValidIssuer,
            ValidAudience = settings.Value.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256],
            // RFC 9068, section 4. An identity token of the same issuer is not an access token.
            ValidTypes = ["at+jwt", "application/at+jwt"],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            // Only the key that the token names. A token without a name of a key is refused.
            TryAllIssuerSigningKeys = false,
            ClockSkew = TokenClaims.ClockSkew,
            LifetimeValidator = (from, until, _, parameters) => IsAlive(from, until, timeProvider.GetUtcNow().UtcDateTime, parameters.ClockSkew),
            NameClaimType = TokenClaims.Subject,
            RoleClaimType = Contracts.Identity.ApiClaims.Role,
        };
    }

    // The framework's own check reads the system's clock.
    private static bool IsAlive(DateTime? from, DateTime? until, DateTime now, TimeSpan skew)
    {
        if (until is null)
        {
            throw new SecurityTokenNoExpirationException();
        }

        if (until < now - skew)
        {
            throw new SecurityTokenExpiredException { Expires = until.Value };
        }

        return from is null || from <= now + skew;
    }
}
