using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Limits;
using BotGeneric.Policy.Policies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Compilation;

/// <summary>Reads from the database what the compiler needs.</summary>
/// <param name="scopes">A scope for each reading.</param>
/// <param name="options">Configuration.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PolicyStore(IServiceScopeFactory scopes, IOptions<PolicyOptions> options, TimeProvider timeProvider)
{
    internal CompilerSettings Settings { get; } = new(
        [.. options.Value.Free], options.Value.PlanFailureMode, options.Value.PlanAllowWhileDown);

    /// <summary>Every policy that was not archived and whose time is not over, by code.</summary>
    internal async Task<IReadOnlyList<ReadPolicy>> ReadPoliciesAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await ReadPoliciesAsync(scope.ServiceProvider.GetRequiredService<PolicyDbContext>(), timeProvider.GetUtcNow(), cancellationToken);
    }

    internal static async Task<IReadOnlyList<ReadPolicy>> ReadPoliciesAsync(PolicyDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var policies = await db.Policies.AsNoTracking().Where(policy => policy.ArchivedAt == null).ToListAsync(cancellationToken);
        return [.. policies
            .Where(policy => policy.Terms.EffectiveTo is null || policy.Terms.EffectiveTo > now)
            .OrderBy(policy => policy.Code, StringComparer.Ordinal)
            .Select(policy => Read(policy.Code, policy.Version, policy.Terms))];
    }

    /// <summary>Reads what was validated when it was written.</summary>
    /// <exception cref="InvalidOperationException">It is not valid: somebody else has written it.</exception>
    internal static ReadPolicy Read(string code, int version, PolicyTerms terms)
    {
        var findings = new Findings();
        return PolicyReader.Read(code, version, terms, findings)
            ?? throw new InvalidOperationException($"The stored policy '{code}' cannot be read: {string.Join("; ", findings.ToErrors().Select(error => $"{error.Key} {error.Value[0]}"))}");
    }

    /// <summary>What is known of a caller.</summary>
    internal async Task<SubjectFacts> ReadFactsAsync(PolicySubject subject, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        var account = subject.AccountId;
        var user = subject.UserId ?? account;
        var now = timeProvider.GetUtcNow();
        return new SubjectFacts(
            await db.Organizations.AnyAsync(row => row.AccountId == account, cancellationToken),
            await db.PlanGrants.AsNoTracking().Where(row => row.AccountId == account).ToListAsync(cancellationToken),
            await db.LimitOverrides.AsNoTracking()
                .Where(row => row.AccountId == account && row.RevokedAt == null && (row.EffectiveTo == null || row.EffectiveTo > now))
                .ToListAsync(cancellationToken),
            await db.Grants.AsNoTracking()
                .Where(row => row.AccountId == account && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now))
                .ToListAsync(cancellationToken),
            await db.AccountStates.AsNoTracking().Where(row => row.AccountId == account || row.AccountId == user).ToListAsync(cancellationToken));
    }
}
