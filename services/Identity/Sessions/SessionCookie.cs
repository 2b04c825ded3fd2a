using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Impersonation;
using BotGeneric.WebUi.Localization;
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
    private static readonly object LeftKey = new();

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

    /// <summary>Who is signed in, as far as the request has found out already; null: nobody, or nobody has asked.</summary>
    internal static CurrentSession? KnownSession(this HttpContext context) => context.Items.TryGetValue(ItemKey, out var current) ? (CurrentSession?)current : null;

    /// <summary>The person as whom an admin acted in the session that the cookie of this request named, and who is left by now; null: no such.</summary>
    internal static Guid? LeftPerson(this HttpContext context) => context.Items.TryGetValue(LeftKey, out var person) ? (Guid?)person : null;

    /// <summary>Makes the cookie name a session from now on, also for the rest of this request.</summary>
    internal static async Task NameAsync(this HttpContext context, CurrentSession current, DateTimeOffset now)
    {
        // The cookie outlives an impersonation: it leads back to the admin's own session.
        var until = (current.Actor ?? current).Session.ExpiresAt;
        await context.SignInAsync(
            Scheme, PrincipalOf(current.Session), new AuthenticationProperties { IsPersistent = true, IssuedUtc = now, ExpiresUtc = until });
        Know(context, current);
    }

    private static void Know(HttpContext context, CurrentSession current)
    {
        context.Items[ItemKey] = current;
        // Every page writes its times for the person whose pages these are.
        PageTime.SetZone(context, current.User.TimeZone);
    }

    private static ClaimsPrincipal PrincipalOf(UserSession session)
    {
        var identity = new ClaimsIdentity(
            [new Claim("sub", session.UserId.ToString()), new Claim("sid", session.Id.ToString())], Scheme, nameType: "sub", roleType: "role");
        if (session.ActorId is { } actorId)
        {
            // As tokens say it, so that the audit log and every check of a caller read the same thing.
            identity.AddClaim(new Claim(ApiClaims.Actor, JsonSerializer.Serialize(new Dictionary<string, string> { ["sub"] = actorId.ToString() })));
        }

        return new ClaimsPrincipal(identity);
    }

    internal static void AddSessionCookie(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddCookie(Scheme, options =>
        {
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.Path = "/";
            options.Cookie.IsEssential = true;
            options.LoginPath = "/login";
            options.ReturnUrlParameter = "returnUrl";
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = ValidateAsync;
        });
        builder.Services.AddOptions<CookieAuthenticationOptions>(Scheme).Configure<IOptions<OriginOptions>>((options, origin) =>
        {
            options.Cookie.Name = origin.Value.IsSecure ? "__Host-identity" : "identity";
            options.Cookie.SecurePolicy = origin.Value.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
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
        if (found is { session.IsImpersonation: true })
        {
            await ValidateImpersonationAsync(context, new CurrentSession(found.user, found.session), now);
            return;
        }

        if (found is null || !found.session.IsAlive(now, idle) || !found.user.MaySignIn)
        {
            await RejectAsync(context);
            return;
        }

        Know(http, new CurrentSession(found.user, found.session));
        if (Touch(http, found.session, now))
        {
            await db.SaveChangesAsync(http.RequestAborted);
        }
    }

    // It stands as long as both people and the admin's own session do. Afterwards the cookie names the admin's session again, if that stands.
    private static async Task ValidateImpersonationAsync(CookieValidatePrincipalContext context, CurrentSession person, DateTimeOffset now)
    {
        var http = context.HttpContext;
        var services = http.RequestServices;
        var impersonations = services.GetRequiredService<Impersonations>();
        var admin = await impersonations.AdminAsync(person.Session, http.RequestAborted);
        if (impersonations.EndOf(person, admin) is { } cause)
        {
            await services.GetRequiredService<SessionService>().EndImpersonationAsync(person.Session, cause, null, http.RequestAborted);
            http.Items[LeftKey] = person.User.Id;
            if (admin is null)
            {
                await RejectAsync(context);
                return;
            }

            context.ReplacePrincipal(PrincipalOf(admin.Session));
            await http.NameAsync(admin, now);
            return;
        }

        Know(http, person with { Actor = admin });
        if (Touch(http, person.Session, now) | Touch(http, admin!.Session, now))
        {
            await services.GetRequiredService<IdentityDbContext>().SaveChangesAsync(http.RequestAborted);
        }
    }

    private static async Task RejectAsync(CookieValidatePrincipalContext context)
    {
        context.HttpContext.Items[ItemKey] = null;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Scheme);
    }

    private static bool Touch(HttpContext http, UserSession session, DateTimeOffset now)
    {
        if (now - session.LastSeenAt < TouchInterval)
        {
            return false;
        }

        session.Touch(now, http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent.ToString());
        return true;
    }
}
