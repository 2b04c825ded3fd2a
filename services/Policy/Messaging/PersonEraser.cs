using BotGeneric.Messaging;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Forgets what a person's own account may do and has used. What an organization has used stays with the organization.</summary>
internal sealed class PersonEraser : IPersonEraser<PolicyDbContext>
{
    public async Task EraseAsync(Guid userId, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.UsageCounters.Where(counter => counter.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
        await db.PlanGrants.Where(grant => grant.AccountId == userId).ExecuteDeleteAsync(cancellationToken);
    }
}
