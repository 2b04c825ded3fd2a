using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Policies;

/// <summary>Creates and changes policies, one change at a time: what contradicts another policy is seen however close together two admins work.</summary>
/// <param name="db">Policy's database.</param>
/// <param name="journal">Writes changes down.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PolicyCatalogue(PolicyDbContext db, PolicyJournal journal, TimeProvider timeProvider)
{
    /// <summary>Policies at most: all of them are kept in memory and looked at for every caller that is compiled.</summary>
    public const int MostPolicies = 1000;

    // "poli" in ASCII.
    private const int ChangeLock = 1886350441;

    /// <summary>Creates a policy.</summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="terms">What it says.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<LimitPolicy>> CreateAsync(string code, PolicyTerms terms, ChangeBy by, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        if (await db.Policies.AnyAsync(policy => policy.Code == code, cancellationToken))
        {
            return Refuse($"There is a policy '{code}' already, perhaps an archived one. Change or restore it, or choose another code.");
        }

        if (await db.Policies.CountAsync(policy => policy.ArchivedAt == null, cancellationToken) >= MostPolicies)
        {
            return Refuse($"There are {MostPolicies} policies. Archive some, or put limits together.");
        }

        var policy = LimitPolicy.Create(code, Normalize(terms), timeProvider.GetUtcNow());
        if (await FindContradictionsAsync(policy, cancellationToken) is { } findings)
        {
            return Outcome<LimitPolicy>.Refused(findings);
        }

        db.Policies.Add(policy);
        return await CommitAsync(transaction, policy, PolicyChange.Created, "policy.created", by, cancellationToken);
    }

    /// <summary>Gives a policy other terms.</summary>
    /// <param name="code">The policy.</param>
    /// <param name="version">The version that the admin has seen.</param>
    /// <param name="terms">What it is to say.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public Task<Outcome<LimitPolicy>> UpdateAsync(string code, int version, PolicyTerms terms, ChangeBy by, CancellationToken cancellationToken) => ChangeAsync(
        code,
        version,
        policy =>
        {
            if (policy.ArchivedAt is not null)
            {
                return Task.FromResult<ProblemHttpResult?>(ApiProblems.Conflict($"The policy '{code}' is archived. Restore a version of it first."));
            }

            policy.Change(Normalize(terms), timeProvider.GetUtcNow());
            return Task.FromResult<ProblemHttpResult?>(null);
        },
        PolicyChange.Updated,
        "policy.updated",
        by,
        cancellationToken);

    /// <summary>Takes a policy out of force. Safe to repeat: one that is archived stays as it is.</summary>
    /// <param name="code">The policy.</param>
    /// <param name="version">The version that the admin has seen.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public Task<Outcome<LimitPolicy>> ArchiveAsync(string code, int version, ChangeBy by, CancellationToken cancellationToken) => ChangeAsync(
        code,
        version,
        policy =>
        {
            policy.Archive(timeProvider.GetUtcNow());
            return Task.FromResult<ProblemHttpResult?>(null);
        },
        PolicyChange.Archived,
        "policy.archived",
        by,
        cancellationToken);

    /// <summary>Gives a policy the terms of an earlier version, and puts it into force if it is archived.</summary>
    /// <param name="code">The policy.</param>
    /// <param name="earlier">The earlier version.</param>
    /// <param name="version">The version that the admin has seen.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public Task<Outcome<LimitPolicy>> RestoreAsync(string code, int earlier, int version, ChangeBy by, CancellationToken cancellationToken) => ChangeAsync(
        code,
        version,
        async policy =>
        {
            var found = await db.PolicyVersions.AsNoTracking()
                .FirstOrDefaultAsync(row => row.PolicyId == policy.Id && row.Version == earlier, cancellationToken);
            if (found is null)
            {
                return ApiProblems.NotFound($"The policy '{code}' has no version {earlier}.");
            }

            policy.Restore(found.Terms, timeProvider.GetUtcNow());
            return null;
        },
        PolicyChange.Restored,
        "policy.restored",
        by,
        cancellationToken);

    private async Task<Outcome<LimitPolicy>> ChangeAsync(
        string code, int version, Func<LimitPolicy, Task<ProblemHttpResult?>> change, PolicyChange kind, string action, ChangeBy by, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        if (await db.Policies.FirstOrDefaultAsync(row => row.Code == code, cancellationToken) is not { } policy)
        {
            return Outcome<LimitPolicy>.Refused(ApiProblems.NotFound($"There is no policy '{code}'."));
        }

        if (policy.Version != version)
        {
            return Refuse($"The policy '{code}' is at version {policy.Version} now, not {version}: somebody has changed it. Read it again.");
        }

        if (await change(policy) is { } problem)
        {
            return Outcome<LimitPolicy>.Refused(problem);
        }

        if (policy.Version == version)
        {
            return Outcome<LimitPolicy>.Done(policy);
        }

        return policy.ArchivedAt is null && await FindContradictionsAsync(policy, cancellationToken) is { } findings
            ? Outcome<LimitPolicy>.Refused(findings)
            : await CommitAsync(transaction, policy, kind, action, by, cancellationToken);
    }

    private async Task<Findings?> FindContradictionsAsync(LimitPolicy policy, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        if (PolicyReader.Read(policy.Code, policy.Version, policy.Terms, findings) is { } read)
        {
            PolicyReader.Compare(read, await PolicyStore.ReadPoliciesAsync(db, timeProvider.GetUtcNow(), cancellationToken), findings);
        }

        return findings.IsEmpty ? null : findings;
    }

    private async Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({ChangeLock}, 0)", cancellationToken);
        return transaction;
    }

    private async Task<Outcome<LimitPolicy>> CommitAsync(
        Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, LimitPolicy policy, PolicyChange change, string action, ChangeBy by, CancellationToken cancellationToken)
    {
        db.PolicyVersions.Add(new PolicyVersion
        {
            PolicyId = policy.Id,
            Version = policy.Version,
            Terms = policy.Terms,
            Change = change,
            ChangedAt = policy.UpdatedAt,
            ChangedBy = by.Subject,
            Reason = by.Reason,
        });
        journal.Note(by, action, policy.Code, new { version = policy.Version });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        journal.Forget(null);
        return Outcome<LimitPolicy>.Done(policy);
    }

    private static Outcome<LimitPolicy> Refuse(string detail) => Outcome<LimitPolicy>.Refused(ApiProblems.Conflict(detail));

    private static PolicyTerms Normalize(PolicyTerms terms) => terms with
    {
        Name = terms.Name.Trim(),
        EffectiveFrom = terms.EffectiveFrom?.ToUniversalTime(),
        EffectiveTo = terms.EffectiveTo?.ToUniversalTime(),
    };
}
