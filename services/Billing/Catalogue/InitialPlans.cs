using BotGeneric.Billing.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Creates the configured plans in an empty catalogue.</summary>
/// <param name="scopes">A scope for the work.</param>
/// <param name="options">The configured plans.</param>
public sealed class InitialPlansService(IServiceScopeFactory scopes, IOptions<BillingOptions> options) : IHostedService
{
    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.InitialPlans.Count == 0)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Replicas that start together must not both find the catalogue empty.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('initial-plans'))", cancellationToken);
        var existing = await db.Plans.Select(plan => plan.Code).ToListAsync(cancellationToken);
        var catalogue = scope.ServiceProvider.GetRequiredService<PlanCatalogue>();
        foreach (var (code, plan) in options.Value.InitialPlans.Where(pair => !existing.Contains(pair.Key)))
        {
            await catalogue.PutAsync(code, plan, PlanCatalogue.Configuration, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
