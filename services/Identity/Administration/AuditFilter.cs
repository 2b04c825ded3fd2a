using System.Text.Json;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>Which entries of the audit log are meant. What is null does not matter.</summary>
/// <param name="Action">What was done.</param>
/// <param name="ActorId">Who did it, or who was behind it while impersonating.</param>
/// <param name="UserId">To whom.</param>
/// <param name="OrganizationId">In which organization.</param>
/// <param name="From">At or after, UTC.</param>
/// <param name="To">Before, UTC.</param>
/// <param name="Involved">Who did it or to whom.</param>
internal sealed record AuditFilter(
    string? Action = null, Guid? ActorId = null, Guid? UserId = null, Guid? OrganizationId = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
    Guid? Involved = null)
{
    public IQueryable<AuditEntry> Apply(IQueryable<AuditEntry> entries)
    {
        var (from, to) = (From?.ToUniversalTime(), To?.ToUniversalTime());
        entries = Action is null ? entries : entries.Where(entry => entry.Action == Action);
        entries = ActorId is null ? entries : entries.Where(entry => entry.ActorId == ActorId || entry.ImpersonatorId == ActorId);
        entries = UserId is null ? entries : entries.Where(entry => entry.UserId == UserId);
        entries = OrganizationId is null ? entries : entries.Where(entry => entry.OrganizationId == OrganizationId);
        entries = from is null ? entries : entries.Where(entry => entry.At >= from);
        entries = to is null ? entries : entries.Where(entry => entry.At < to);
        return Involved is null ? entries : entries.Where(entry => entry.UserId == Involved || entry.ActorId == Involved || entry.ImpersonatorId == Involved);
    }

    public async Task<Page<AuditEntryDetail>> PageAsync(IdentityDbContext db, long? after, int size, CancellationToken cancellationToken)
    {
        var query = Apply(db.AuditEntries.AsNoTracking());
        if (after is { } last)
        {
            query = query.Where(entry => entry.Sequence < last);
        }

        var rows = await query.OrderByDescending(entry => entry.Sequence).Take(size + 1).ToListAsync(cancellationToken);
        return Page<AuditEntryDetail>.From([.. rows.Select(AuditEntryDetail.From)], size, entry => new AuditPosition(entry.Sequence));
    }
}

/// <summary>A place in the audit log.</summary>
/// <param name="Sequence">The number of an entry.</param>
internal sealed record AuditPosition(long Sequence);

/// <summary>An entry of the audit log.</summary>
/// <param name="Sequence">Its number; without gaps.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Action">What was done, such as <c>session.started</c>.</param>
/// <param name="Outcome"><c>success</c>, or why it was refused.</param>
/// <param name="ActorId">Who did it; null: nobody who is known, or the system.</param>
/// <param name="ImpersonatorId">The admin behind the actor while impersonating.</param>
/// <param name="UserId">To whom.</param>
/// <param name="OrganizationId">In which organization.</param>
/// <param name="Target">What else it was done to: an id.</param>
/// <param name="Details">More, as a flat object.</param>
/// <param name="IpAddress">From where; null once forgotten.</param>
/// <param name="UserAgent">With what browser; null once forgotten.</param>
/// <param name="TraceId">The trace it belongs to.</param>
/// <param name="Hash">The entry's hash, hexadecimal.</param>
public sealed record AuditEntryDetail(
    long Sequence, DateTimeOffset At, string Action, string Outcome, Guid? ActorId, Guid? ImpersonatorId, Guid? UserId, Guid? OrganizationId, string? Target,
    IReadOnlyDictionary<string, string?>? Details, string? IpAddress, string? UserAgent, string? TraceId, string Hash)
{
    internal static AuditEntryDetail From(AuditEntry entry) => new(
        entry.Sequence, entry.At, entry.Action, entry.Outcome, entry.ActorId, entry.ImpersonatorId, entry.UserId, entry.OrganizationId, entry.Target,
        entry.Details is null ? null : JsonSerializer.Deserialize<Dictionary<string, string?>>(entry.Details), entry.IpAddress, entry.UserAgent, entry.TraceId,
        Convert.ToHexStringLower(entry.Hash));
}
