using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>
/// What the ids of the audit log are called today, for people who read it. The log itself holds no names; whoever was erased or never had a name is the id
/// alone.
/// </summary>
/// <param name="People">Names and addresses by id.</param>
/// <param name="Organizations">Names by id.</param>
public sealed record AuditNames(IReadOnlyDictionary<Guid, string> People, IReadOnlyDictionary<Guid, string> Organizations)
{
    /// <summary>Nobody is mentioned.</summary>
    public static AuditNames None { get; } = new(new Dictionary<Guid, string>(), new Dictionary<Guid, string>());

    /// <summary>Reads those that entries mention: two questions, however many entries.</summary>
    /// <param name="db">The database.</param>
    /// <param name="entries">The entries that are shown.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<AuditNames> ReadAsync(IdentityDbContext db, IReadOnlyList<AuditEntryDetail> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0)
        {
            return None;
        }

        var people = entries.SelectMany(entry => new[] { entry.ActorId, entry.ImpersonatorId, entry.UserId }).OfType<Guid>().Distinct().ToList();
        var organizations = entries.Select(entry => entry.OrganizationId).OfType<Guid>().Distinct().ToList();
        var users = await db.Users.AsNoTracking()
            .Where(user => people.Contains(user.Id))
            .Select(user => new { user.Id, user.DisplayName, user.Email })
            .ToListAsync(cancellationToken);
        return new AuditNames(
            users.Select(user => (user.Id, Name: Called(user.DisplayName, user.Email))).Where(user => user.Name is not null)
                .ToDictionary(user => user.Id, user => user.Name!),
            organizations.Count == 0
                ? new Dictionary<Guid, string>()
                : await db.Organizations.AsNoTracking()
                    .Where(organization => organizations.Contains(organization.Id))
                    .ToDictionaryAsync(organization => organization.Id, organization => organization.Name, cancellationToken));
    }

    private static string? Called(string? name, string? email) => (name, email) switch
    {
        ({ Length: > 0 }, { Length: > 0 }) => $"{name} ({email})",
        _ => string.IsNullOrEmpty(name) ? email : name,
    };
}
