using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.TokenServer;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Impersonation;

/// <summary>What the tests of impersonation share.</summary>
internal static class Impersonating
{
    public const string Reason = "Ticket 4711";

    /// <summary>An admin with everything that is demanded, and the browser in front of them.</summary>
    public static async Task<(User Admin, Browser Browser)> AdminAsync(this TokenServerApplication identity)
    {
        var admin = await identity.AddUserAsync(isAdmin: true, name: "Root");
        return (admin, await identity.SignInAsync(admin, "pwd", "otp", "mfa"));
    }

    /// <summary>Begins to act as a person, on that person's page.</summary>
    public static Task<HttpResponseMessage> ActAsAsync(this Browser browser, User person) => browser.SubmitAsync(
        $"/account/admin/users/{person.Id}", $"/account/admin/users/{person.Id}/impersonate", ("reason", Reason));

    /// <summary>The one session in which somebody acted as a person.</summary>
    public static Task<UserSession> ImpersonationAsync(this TokenServerApplication identity, Guid userId) => identity.WithDatabaseAsync(
        db => db.Sessions.AsNoTracking().SingleAsync(session => session.UserId == userId && session.ActorId != null));

    /// <summary>What the audit log says of it.</summary>
    public static Task<List<AuditEntry>> EntriesAsync(this TokenServerApplication identity, Guid userId) => identity.WithDatabaseAsync(
        db => db.AuditEntries.AsNoTracking()
            .Where(entry => entry.UserId == userId && (entry.Action == AuditActions.Impersonated || entry.Action == AuditActions.ImpersonationEnded))
            .OrderBy(entry => entry.Sequence).ToListAsync());
}
