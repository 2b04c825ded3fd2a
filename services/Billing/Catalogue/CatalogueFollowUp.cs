using BotGeneric.Billing.Data;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>
/// What follows here from a price that was written or found at Paddle. Each is a unit of its own, tried again when it meets another change, and no reason to take back what is at Paddle.
/// </summary>
/// <param name="scopes">A scope for each try.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CatalogueFollowUp(IServiceScopeFactory scopes, TimeProvider timeProvider)
{
    /// <summary>Gives a plan to those who have paid at a price that is linked to it now: after a backup was restored they are here before the link is.</summary>
    /// <param name="planCode">The plan.</param>
    /// <param name="paddlePriceId">Paddle's price.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether they have it; a comparison with Paddle gives it otherwise.</returns>
    internal Task<bool> TryGiveAsync(string planCode, string paddlePriceId, CancellationToken cancellationToken) =>
        TryAsync(services => services.GetRequiredService<PriceAdoption>().GiveAsync(planCode, paddlePriceId, cancellationToken), cancellationToken);

    /// <summary>Notes what Paddle has answered of a price, so that it is known at once how it is there. Its delivery brings the same.</summary>
    /// <param name="price">Paddle's answer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is noted.</returns>
    internal Task<bool> TryNoteAsync(PaddlePrice price, CancellationToken cancellationToken) => TryAsync(
        async services =>
        {
            await services.GetRequiredService<CatalogueMirror>().ApplyAsync(price, SnapshotOrigin.Api(price.UpdatedAt, timeProvider), cancellationToken);
            await services.GetRequiredService<BillingDbContext>().SaveChangesAsync(cancellationToken);
        },
        cancellationToken);

    private async Task<bool> TryAsync(Func<IServiceProvider, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            return await BillingConflicts.RetryAsync(
                async () =>
                {
                    await using var scope = scopes.CreateAsyncScope();
                    await work(scope.ServiceProvider);
                    return true;
                },
                timeProvider,
                cancellationToken);
        }
        catch (Exception exception) when (exception is DbUpdateException || BillingConflicts.IsConflict(exception) || BillingConflicts.IsPassing(exception))
        {
            return false;
        }
    }
}
