using System.Security.Claims;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Sessions;

/// <summary>
/// The cookie of Identity's own pages and of the token server's authorization endpoint. It names a session and nothing else; each request asks the
/// database whether the session still stands, so ending one takes effect with the next request.
/// </summary>
public static class SessionCookie
{
    /// <summary>The authentication scheme.</summary>
    public const string Scheme = "session";

    /// <summary>The policy of pages for those who are signed in.</summary>
    public const string SignedInPolicy = "signed-in";

    private static readonly TimeSpan TouchInterval = TimeSpan.FromMinutes(1);
    private static readonly object ItemKey = new();

    /// <summary>Who is signed in on the browser of this request; null: nobody.</summary>
    /// <param name="context">The request.</param>
    public static async Task<CurrentSession?> GetCurrentSessionAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Items.ContainsKey(ItemKey))
        {
            await context.AuthenticateAsync(Scheme);
        }

        return context.Items.TryGetValue(ItemKey, out var current) ? (CurrentSession?)current : null;
    }

    internal static ClaimsPrincipal PrincipalOf(UserSession session) => new(new ClaimsIdentity(
        [new Claim("sub", session.UserId.ToString()), new Claim("sid", session.Id.ToString())], Scheme, nameType: "sub", roleType: "role"));

    internal static void Remember(this HttpContext context, CurrentSession? current) => context.Items[ItemKey] = current;

    internal static void AddSessionCookie(this WebApplicationBuilder builder)
    {
        var isDevelopment = !builder.Environment.IsProduction();
        builder.Services.AddAuthentication().AddCookie(Scheme, options =>
        {
            // A development system has no certificate; the prefix and Secure would make browsers drop the cookie there.
            options.Cookie.Name = isDevelopment ? "identity" : "__Host-identity";
            options.Cookie.SecurePolicy = isDevelopment ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.Path = "/";
            options.Cookie.IsEssential = true;
            options.LoginPath = "/login";
            options.ReturnUrlParameter = "returnUrl";
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = ValidateAsync;
        });
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(SignedInPolicy, policy => policy.AddAuthenticationSchemes(Scheme).RequireAuthenticatedUser());
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var services = http.RequestServices;
        var db = services.GetRequiredService<IdentityDbContext>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var idle = services.GetRequiredService<IOptions<UserSessionOptions>>().Value.Idle;
        var found = Guid.TryParse(context.Principal?.FindFirstValue("sid"), out var sessionId)
            ? await db.Sessions
                .Join(db.Users, session => session.UserId, user => user.Id, (session, user) => new { session, user })
                .SingleOrDefaultAsync(pair => pair.session.Id == sessionId, http.RequestAborted)
            : null;
        if (found is null || !found.session.IsAlive(now, idle) || !found.user.MaySignIn)
        {
            http.Remember(null);
            context.RejectPrincipal();
            await http.SignOutAsync(Scheme);
            return;
        }

        http.Remember(new CurrentSession(found.user, found.session));
        if (now - found.session.LastSeenAt >= TouchInterval)
        {
            found.session.Touch(now, http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent.ToString());
            await db.SaveChangesAsync(http.RequestAborted);
        }
    }
}
