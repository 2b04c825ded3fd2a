using BotGeneric.Gateway.Keys;
using BotGeneric.Gateway.Revocation;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Session;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace BotGeneric.Gateway.Authentication;

/// <summary>Who is calling, by key, token or session.</summary>
internal static class AuthenticationExtensions
{
    // Identity is in the same network: an answer that takes longer is none.
    private static readonly TimeSpan IdentityTimeout = TimeSpan.FromSeconds(5);

    internal static void AddEdgeAuthentication(this WebApplicationBuilder builder)
    {
        var isProduction = builder.Environment.IsProduction();
        builder.Services.AddOptions<IdentityOptions>()
            .BindConfiguration(IdentityOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(IsOrigin, "Authentication:Issuer must be the public origin without a path, such as https://bot.example/.")
            .Validate(
                options => !isProduction || options.IsSecure,
                "Authentication:Issuer is not https in the Production environment: the session cookie would travel in clear text.")
            .ValidateOnStart();

#pragma warning disable EXTEXP0001 // A circuit breaker and a queue of attempts would hide from a session whether its token was refreshed.
        builder.Services.AddHttpClient<IdentityClient>(client => client.Timeout = IdentityTimeout).RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddSingleton<TokenServerConfiguration>();

        builder.Services.AddSingleton<EdgeAuthenticator>();
        builder.Services.AddTransient<EdgeHandler>();
        var authentication = builder.Services.AddAuthentication(options =>
        {
            options.AddScheme<EdgeHandler>(EdgeSchemes.Edge, displayName: null);
            options.DefaultScheme = EdgeSchemes.Edge;
            options.DefaultAuthenticateScheme = EdgeSchemes.Edge;
            options.DefaultChallengeScheme = EdgeSchemes.Edge;
            options.DefaultForbidScheme = EdgeSchemes.Edge;
            options.DefaultSignInScheme = EdgeSchemes.Session;
            options.DefaultSignOutScheme = EdgeSchemes.Session;
        });
        // Which service a token is for is that service's business; here it only must not be an id_token or a stranger's.
        builder.Services.PostConfigure<JwtBearerOptions>(EdgeSchemes.AccessToken, options =>
        {
            options.TokenValidationParameters.ValidAudience = null;
            options.TokenValidationParameters.ValidAudiences = ServiceNames.WithApi;
        });
        authentication.AddSession(builder);
        builder.AddRevocation();
        builder.AddKeys();
    }

    private static bool IsOrigin(IdentityOptions options) =>
        Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer)
        && (issuer.Scheme == Uri.UriSchemeHttps || issuer.Scheme == Uri.UriSchemeHttp)
        && issuer.AbsolutePath == "/" && issuer.Query.Length == 0 && issuer.Fragment.Length == 0 && issuer.UserInfo.Length == 0;
}
