using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts;

/// <summary>What happens after somebody showed a first factor, whichever it was: the one way into a session.</summary>
public sealed class SignInFlow(
    IdentityDbContext db, SessionService sessions, KnownBrowsers browsers, PendingSignIns pending, IdentityEvents events, AuditTrail audit,
    IOptions<OriginOptions> origin)
{
    /// <summary>Where somebody goes whose account is locked.</summary>
    public const string LockedPath = "/login/locked";

    /// <summary>Where somebody goes who must show a second factor.</summary>
    public const string SecondFactorPath = "/login/second-factor";

    /// <summary>Where somebody goes who must begin anew.</summary>
    public const string AgainPath = "/login?notice=again";

    /// <summary>Where somebody goes who signed in although they asked for deletion.</summary>
    public const string KeepPath = "/account/keep";

    /// <summary>Goes on with a sign-in: to the second factor where there is one, else into a session. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Who showed the factor.</param>
    /// <param name="methods">What was shown, as <c>amr</c> values; with <c>mfa</c> no second factor is asked for.</param>
    /// <param name="returnUrl">Where to go when signed in; anything but a path of ours is replaced by the account's page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The path of ours to go to next.</returns>
    public async Task<string> ContinueAsync(
        HttpContext context, User user, IReadOnlyCollection<string> methods, string returnUrl, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(methods);
        var next = ReturnAddress.OrElse(returnUrl);
        if (!user.MaySignIn)
        {
            audit.Add(AuditActions.SignedIn, user.Id, outcome: "locked", actorId: user.Id);
            await db.SaveChangesAsync(cancellationToken);
            return LockedPath;
        }

        if (user.TwoFactorEnabled && !methods.Contains("mfa"))
        {
            await db.SaveChangesAsync(cancellationToken);
            pending.Begin(context, user, methods, next);
            return SecondFactorPath;
        }

        if (await browsers.RememberAsync(context, user, cancellationToken) && user.Email is not null)
        {
            events.Notify(NotificationTemplates.NewSignIn, user.Email, user.Language, user.Id, new Dictionary<string, string>
            {
                ["device"] = BrowserName.Of(context.Request.Headers.UserAgent.ToString()).ToString(),
                ["when"] = events.Now(),
                ["sessionsLink"] = origin.Value.Address("/account/sessions").ToString(),
            });
        }

        if (await sessions.StartAsync(context, user, methods, cancellationToken) is null)
        {
            db.ChangeTracker.Clear();
            audit.Add(AuditActions.SignedIn, user.Id, outcome: "changed-meanwhile");
            await db.SaveChangesAsync(cancellationToken);
            return AgainPath;
        }

        return user.DeletionRequestedAt is null ? next : $"{KeepPath}?returnUrl={Uri.EscapeDataString(next)}";
    }
}
