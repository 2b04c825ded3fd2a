using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Mirror;

/// <summary>
/// Takes over what the provider says of payers and of the ways to pay that they have saved. Call within a database transaction, then save and commit. It says
/// nothing of whose anything is.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="payers">Takes payers up.</param>
public sealed class CustomerMirror(BillingDbContext db, Payers payers)
{
    private const string Deleted = "payment_method.deleted";

    /// <summary>Takes over a snapshot of a payer. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    public async Task<MirrorOutcome> ApplyAsync(PaddleCustomer entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        var customer = await payers.OpenAsync(entity.Id, cancellationToken);
        return customer.Apply(origin.VersionOf(entity.UpdatedAt, 0), entity.Email, entity.Name, entity.Status) ? MirrorOutcome.Applied : MirrorOutcome.Superseded;
    }

    /// <summary>Takes over a snapshot of a way to pay. What was deleted stays so. Safe to repeat and to do in any order.</summary>
    /// <param name="entity">What the provider says.</param>
    /// <param name="origin">Where it says so; its type tells whether it was deleted.</param>
    /// <param name="cancellationToken">Cancels; nothing must then be committed.</param>
    /// <returns>Whether it is what is known now.</returns>
    public async Task<MirrorOutcome> ApplyAsync(PaddlePaymentMethod entity, SnapshotOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(origin);
        await payers.OpenAsync(entity.CustomerId, cancellationToken);
        var occurredAt = origin.OccurredAt.Kept();
        var method = await db.PaymentMethods.SingleOrDefaultAsync(row => row.PaddleId == entity.Id, cancellationToken);
        if (method is null)
        {
            method = new PaymentMethod { PaddleId = entity.Id, CustomerId = entity.CustomerId, Type = entity.Type, LastEventAt = DateTimeOffset.MinValue };
            db.PaymentMethods.Add(method);
        }

        if (origin.EventType == Deleted)
        {
            method.DeletedAt = method.DeletedAt is { } earlier && earlier < occurredAt ? earlier : occurredAt;
        }

        if (occurredAt <= method.LastEventAt)
        {
            return MirrorOutcome.Superseded;
        }

        (method.Type, method.LastEventAt) = (entity.Type, occurredAt);
        return MirrorOutcome.Applied;
    }
}
