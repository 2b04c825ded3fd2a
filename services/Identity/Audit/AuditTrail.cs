using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Authentication;

namespace BotGeneric.Identity.Audit;

/// <summary>Writes the audit log: the entry is added to the changes of the caller and committed with them, so nothing happens without a trace.</summary>
public sealed class AuditTrail(IdentityDbContext db, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>The outcome of what was done.</summary>
    public const string Success = "success";

    private static readonly Meter Meter = new("BotGeneric.Identity");

    // Sign-ins by their outcome, above all: the two values are few, and name nobody.
    private static readonly Counter<long> Entries = Meter.CreateCounter<long>(
        "identity.audited", "{entry}", "Entries of the audit log, by action and outcome.");

    /// <summary>Adds an entry. The caller saves.</summary>
    /// <param name="action">One of <see cref="AuditActions"/>.</param>
    /// <param name="userId">The person it was done to.</param>
    /// <param name="outcome"><see cref="Success"/>, or why it was refused, as a short code.</param>
    /// <param name="organizationId">The organization it concerns.</param>
    /// <param name="target">What else it was done to: an id.</param>
    /// <param name="details">More, never personal data or secrets.</param>
    /// <param name="actorId">Who did it, when that is not the caller of the current request: somebody who is just signing in.</param>
    public void Add(
        string action, Guid? userId, string outcome = Success, Guid? organizationId = null, string? target = null,
        IReadOnlyDictionary<string, string?>? details = null, Guid? actorId = null)
    {
        Entries.Add(1, new KeyValuePair<string, object?>("action", action), new KeyValuePair<string, object?>("outcome", outcome));
        var context = http.HttpContext;
        var userAgent = context?.Request.Headers.UserAgent.ToString();
        db.AuditEntries.Add(new AuditEntry
        {
            // Microseconds, as PostgreSQL keeps them: the hash is over what is stored.
            At = Truncated(time.GetUtcNow()),
            Action = action,
            Outcome = outcome,
            ActorId = actorId ?? IdOf(context?.User.FindFirst("sub")),
            ImpersonatorId = context is null ? null : Caller.Of(context.User).ImpersonatorId,
            UserId = userId,
            OrganizationId = organizationId,
            Target = target,
            Details = details is null ? null : JsonSerializer.Serialize(details),
            IpAddress = context?.Connection.RemoteIpAddress?.ToString(),
            UserAgent = userAgent is { Length: > UserSession.MaximumUserAgent } ? userAgent[..UserSession.MaximumUserAgent] : userAgent,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        });
    }

    private static DateTimeOffset Truncated(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private static Guid? IdOf(Claim? claim) => Guid.TryParse(claim?.Value, out var id) ? id : null;
}
