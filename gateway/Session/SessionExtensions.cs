using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Localization;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Session;

/// <summary>Signing in at Identity, and the cookie that remembers it.</summary>
internal static class SessionExtensions
{
    internal const string SecureCookieName = "__Host-session";
    internal const string PlainCookieName = "session";
    internal const string CallbackPath = "/session/callback";

    private static readonly TimeSpan SignInTime = TimeSpan.FromMinutes(15);

    internal static void AddSession(this AuthenticationBuilder authentication, WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<BrowserSessionOptions>()
            .BindConfiguration(BrowserSessionOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(options => options.AbsoluteLifetime >= options.IdleTimeout, "Session:AbsoluteLifetime is shorter than Session:IdleTimeout.")
            .ValidateOnStart();
        builder.Services.AddSingleton<RedisTicketStore>();
        builder.Services.AddSingleton<SessionTokens>();
        builder.Services.AddSingleton<SessionChanges>();
        builder.Services.AddSingleton<SessionAuthenticator>();
        builder.Services.AddSingleton<BackChannelLogout>();

        authentication.AddCookie(EdgeSchemes.Session).AddOpenIdConnect(EdgeSchemes.SignIn, _ => { });
        builder.Services.AddOptions<CookieAuthenticationOptions>(EdgeSchemes.Session)
            .Configure<RedisTicketStore, IOptions<IdentityOptions>, IOptions<BrowserSessionOptions>>(ConfigureCookie);
        builder.Services.AddOptions<OpenIdConnectOptions>(EdgeSchemes.SignIn)
            .Configure<TokenServerConfiguration, IOptions<IdentityOptions>, IOptions<BrowserSessionOptions>, IHttpClientFactory>(ConfigureSignIn);
    }

    /// <summary>
    /// A sign-in begins a session of its own. Whoever planted a cookie in the browser beforehand must not end up with the same session as
    /// the person who signs in: so what came along is put aside before anything reads it, and ended.
    /// </summary>
    internal static void UseFreshSessions(this WebApplication app) => app.Use((context, next) =>
    {
        if (!IsCallback(context))
        {
            return next(context);
        }

        var options = context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(EdgeSchemes.Session);
        if (options.CookieManager.GetRequestCookie(context, options.Cookie.Name!) is { } cookie)
        {
            context.Items[EdgeSchemes.Session] = KeyOf(options, cookie);
            context.Request.Headers.Cookie = SessionCookies.Without(context.Request.Headers.Cookie.ToString());
        }

        return next(context);
    });

    /// <summary>Whether a request is the answer of a sign-in.</summary>
    internal static bool IsCallback(HttpContext context) => context.Request.Path.Equals(CallbackPath, StringComparison.OrdinalIgnoreCase);

    private static string? KeyOf(CookieAuthenticationOptions options, string cookie) =>
        options.TicketDataFormat.Unprotect(cookie, purpose: null)?.Principal.FindFirst("Microsoft.AspNetCore.Authentication.Cookies-SessionId")?.Value;

    private static void ConfigureCookie(
        CookieAuthenticationOptions options, RedisTicketStore store, IOptions<IdentityOptions> identity, IOptions<BrowserSessionOptions> session)
    {
        options.SessionStore = store;
        // Idle time passes in the store; the cookie lives as long as a session may.
        options.SlidingExpiration = false;
        options.ExpireTimeSpan = session.Value.AbsoluteLifetime;
        options.Cookie.Name = identity.Value.IsSecure ? SecureCookieName : PlainCookieName;
        options.Cookie.Path = "/";
        options.Cookie.HttpOnly = true;
        options.Cookie.IsEssential = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = Secure(identity);
    }

    private static void ConfigureSignIn(
        OpenIdConnectOptions options,
        TokenServerConfiguration configuration,
        IOptions<IdentityOptions> identity,
        IOptions<BrowserSessionOptions> session,
        IHttpClientFactory clients)
    {
        options.SignInScheme = EdgeSchemes.Session;
        options.ClientId = BrowserSessionOptions.ClientId;
        options.ClientSecret = session.Value.ClientSecret;
        options.ConfigurationManager = configuration;
        options.Backchannel = clients.CreateClient(nameof(OpenIdConnectHandler));
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        // What is asked for goes from server to server; the browser carries a reference that is short and cannot be changed.
        options.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Require;
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.DisableTelemetry = true;
        options.GetClaimsFromUserInfoEndpoint = false;
        options.CallbackPath = CallbackPath;
        options.RemoteSignOutPath = PathString.Empty;
        options.SignedOutCallbackPath = PathString.Empty;
        options.RemoteAuthenticationTimeout = SignInTime;
        options.ProtocolValidator.NonceLifetime = SignInTime;
        foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
        {
            // The answer is a navigation to this origin: Lax reaches it, and nothing needs to be sent across sites.
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = Secure(identity);
        }

        options.Scope.Clear();
        foreach (var scope in new[] { "openid", "profile", "email", "offline_access" }.Concat(ApiScopes.All))
        {
            options.Scope.Add(scope);
        }

        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = identity.Value.NormalizedIssuer,
            ValidAudience = BrowserSessionOptions.ClientId,
            NameClaimType = "name",
            RoleClaimType = ApiClaims.Role,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
        options.Events.OnRedirectToIdentityProvider = context =>
        {
            // From configuration: the Host header is whatever the caller wrote there.
            context.ProtocolMessage.RedirectUri = identity.Value.Public(CallbackPath[1..]);
            context.ProtocolMessage.AcrValues = context.Properties.GetParameter<string>(OpenIdConnectParameterNames.AcrValues);
            return Task.CompletedTask;
        };
        options.Events.OnTicketReceived = BeginAsync;
        options.Events.OnRemoteFailure = FailAsync;
    }

    private static async Task BeginAsync(TicketReceivedContext context)
    {
        var services = context.HttpContext.RequestServices;
        context.Principal = SessionTicket.Begin(
            context.Principal!,
            context.Properties!,
            services.GetRequiredService<TimeProvider>().GetUtcNow(),
            services.GetRequiredService<IOptions<BrowserSessionOptions>>().Value.AbsoluteLifetime);
        if (context.HttpContext.Items[EdgeSchemes.Session] is string previous)
        {
            await services.GetRequiredService<RedisTicketStore>().RemoveAsync(previous);
        }
    }

    private static async Task FailAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        if (context.Request.Query["error"] == "access_denied")
        {
            context.Response.Redirect("/");
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        if (context.Failure is { } failure && IsIdentityAway(failure))
        {
            context.Response.Headers.RetryAfter = "5";
            await ApiProblems.Problem(
                StatusCodes.Status503ServiceUnavailable, EdgeTexts.Get("sign-in-broken-off"))
                .ExecuteAsync(context.HttpContext);
            return;
        }

        await ApiProblems.Problem(
            StatusCodes.Status400BadRequest, EdgeTexts.Get("sign-in-failed"),
            ProblemTypes.SignInFailed)
            .ExecuteAsync(context.HttpContext);
    }

    /// <summary>Whether a failure says that Identity did not answer, and nothing about the person.</summary>
    internal static bool IsIdentityAway(Exception exception) =>
        exception is HttpRequestException or TimeoutException or OperationCanceledException or SigningKeysUnknownException
        || (exception.InnerException is { } inner && IsIdentityAway(inner));

    private static CookieSecurePolicy Secure(IOptions<IdentityOptions> identity) =>
        identity.Value.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
}
