using System.Globalization;
using BotGeneric.Contracts;
using BotGeneric.Messaging;
using BotGeneric.Policy.Api;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Policy.Policies;

/// <summary>Sets what holds for one account: overrides, grants and standings.</summary>
/// <param name="db">Policy's database.</param>
/// <param name="journal">Writes changes down.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class AccountRuleBook(PolicyDbContext db, PolicyJournal journal, TimeProvider timeProvider)
{
    private const int MaximumSource = 100;
    private const int MaximumKey = 50;
    private const int LargestPriority = 1000;

    /// <summary>Sets another maximum.</summary>
    /// <param name="request">What is set.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<LimitOverride>> OverrideAsync(CreateOverrideRequest request, ChangeBy by, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var findings = new Findings();
        findings.Add("/account", request.Account == Guid.Empty ? "Name the account." : null);
        findings.Add("/key", request.Key is { Length: 0 or > MaximumKey } ? $"Send 1 to {MaximumKey} characters." : null);
        findings.Add("/effectiveTo", EndProblem(request.EffectiveFrom, request.EffectiveTo, now));
        var maximum = 0L;
        if (await FindLimitAsync(request.Limit, cancellationToken) is var (scope, kind))
        {
            findings.Add("/limit", scope == LimitScope.Platform ? "A limit of the platform counts everybody together: there is no other maximum for one account." : null);
            findings.Add("/user", request.User is not null && scope != LimitScope.User ? "This limit does not count persons." : null);
            findings.Add("/key", request.Key is not null && scope != LimitScope.ApiKey ? "This limit does not count keys." : null);
            findings.Add("/maximum", request switch
            {
                { IsUnlimited: true, Maximum: not null } => "Send either maximum or unlimited.",
                { IsUnlimited: true } => null,
                _ => Amounts.Read(kind, request.Maximum, out maximum),
            });
        }
        else
        {
            findings.Add("/limit", "There is no such limit. Send plan:<meter>:<window>, or a policy's code, a slash and the code of a limit in it.");
            (scope, kind) = (default, default);
        }

        if (!findings.IsEmpty)
        {
            return Outcome<LimitOverride>.Refused(findings);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var aliases = await AccountAliases.ResolveAsync(db, request.User is { } person ? [request.Account, person] : [request.Account], cancellationToken);
        var row = new LimitOverride
        {
            Id = Guid.CreateVersion7(now),
            AccountId = aliases.Of(request.Account),
            UserId = request.User is { } user ? aliases.Of(user) : null,
            KeyId = request.Key,
            LimitCode = request.Limit,
            Maximum = request.IsUnlimited ? null : Amounts.ToDecimal(kind, maximum),
            EffectiveFrom = (request.EffectiveFrom ?? now).ToUniversalTime(),
            EffectiveTo = request.EffectiveTo?.ToUniversalTime(),
            Reason = by.Reason,
            CreatedBy = by.Subject,
            CreatedAt = now,
        };
        db.LimitOverrides.Add(row);
        journal.Note(by, "override.created", row.Id.ToString(), OverrideDetail.From(row), row.AccountId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        journal.Forget(row.AccountId);
        return Outcome<LimitOverride>.Done(row);
    }

    /// <summary>Takes an override back. Safe to repeat.</summary>
    /// <param name="id">The override.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<LimitOverride>> RevokeOverrideAsync(Guid id, ChangeBy by, CancellationToken cancellationToken)
    {
        if (await db.LimitOverrides.FindAsync([id], cancellationToken) is not { } row)
        {
            return Outcome<LimitOverride>.Refused(ApiProblems.NotFound($"There is no override {id}."));
        }

        if (row.Revoke(timeProvider.GetUtcNow()))
        {
            journal.Note(by, "override.revoked", row.Id.ToString(), null, row.AccountId);
            await db.SaveChangesAsync(cancellationToken);
            journal.Forget(row.AccountId);
        }

        return Outcome<LimitOverride>.Done(row);
    }

    /// <summary>Gives a credit.</summary>
    /// <param name="request">What is given.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<CreditGrant>> GrantAsync(CreateGrantRequest request, ChangeBy by, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var kind = PolicyCompiler.KindOf(request.Unit);
        var findings = new Findings();
        findings.Add("/account", request.Account == Guid.Empty ? "Name the account." : null);
        findings.Add("/unit", LimitReader.IsMeter(request.Unit) || Iso4217.IsCurrency(request.Unit) ? null : "Send a meter's code or the ISO 4217 code of a currency.");
        findings.Add("/amount", Amounts.Read(kind, request.Amount, out var amount) ?? (amount == 0 ? "Send more than 0." : null));
        findings.Add("/priority", request.Priority is < -LargestPriority or > LargestPriority ? $"Send a number from -{LargestPriority} to {LargestPriority}." : null);
        findings.Add("/expiresAt", EndProblem(request.EffectiveFrom, request.ExpiresAt, now));
        findings.Add("/source", request.Source is { Length: 0 or > MaximumSource } ? $"Send 1 to {MaximumSource} characters." : null);
        if (!findings.IsEmpty)
        {
            return Outcome<CreditGrant>.Refused(findings);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var aliases = await AccountAliases.ResolveAsync(db, [request.Account], cancellationToken);
        var row = new CreditGrant
        {
            Id = Guid.CreateVersion7(now),
            AccountId = aliases.Of(request.Account),
            Unit = request.Unit,
            Amount = Amounts.ToDecimal(kind, amount),
            Priority = request.Priority,
            EffectiveFrom = (request.EffectiveFrom ?? now).ToUniversalTime(),
            ExpiresAt = request.ExpiresAt?.ToUniversalTime(),
            Reason = by.Reason,
            Source = request.Source,
            CreatedBy = by.Subject,
            CreatedAt = now,
        };
        db.Grants.Add(row);
        journal.Note(by, "grant.created", row.Id.ToString(), GrantDetail.From(row), row.AccountId);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Outcome<CreditGrant>.Refused(ApiProblems.Conflict($"The account has a grant of the source '{request.Source}' already."));
        }

        await transaction.CommitAsync(cancellationToken);
        journal.Forget(row.AccountId);
        return Outcome<CreditGrant>.Done(row);
    }

    /// <summary>Takes back what is left of a credit. Safe to repeat.</summary>
    /// <param name="id">The grant.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<CreditGrant>> RevokeGrantAsync(Guid id, ChangeBy by, CancellationToken cancellationToken)
    {
        if (await db.Grants.FindAsync([id], cancellationToken) is not { } row)
        {
            return Outcome<CreditGrant>.Refused(ApiProblems.NotFound($"There is no grant {id}."));
        }

        if (row.Revoke(timeProvider.GetUtcNow()))
        {
            journal.Note(by, "grant.revoked", row.Id.ToString(), null, row.AccountId);
            await db.SaveChangesAsync(cancellationToken);
            journal.Forget(row.AccountId);
        }

        return Outcome<CreditGrant>.Done(row);
    }

    /// <summary>Gives an account or a person a standing. Safe to repeat: a standing that there is gets the new reason and end.</summary>
    /// <param name="account">The account or the person.</param>
    /// <param name="standing">The standing, not <see cref="AccountStanding.Active"/>.</param>
    /// <param name="until">Until when; null: until it is lifted.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<AccountState>> SetStandingAsync(
        Guid account, AccountStanding standing, DateTimeOffset? until, ChangeBy by, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var findings = new Findings();
        findings.Add("/standing", standing == AccountStanding.Active ? "Lift a standing instead." : null);
        findings.Add("/until", until <= now ? "It must be in the future." : null);
        if (!findings.IsEmpty)
        {
            return Outcome<AccountState>.Refused(findings);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var target = (await AccountAliases.ResolveAsync(db, [account], cancellationToken)).Of(account);
        // Two admins at once: one after the other.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({target.ToString("N", CultureInfo.InvariantCulture)}, 0))", cancellationToken);
        if (await db.AccountStates.FindAsync([target, standing], cancellationToken) is { } row)
        {
            (row.Reason, row.Until, row.SetBy, row.SetAt) = (by.Reason, until?.ToUniversalTime(), by.Subject, now);
        }
        else
        {
            row = new AccountState { AccountId = target, Standing = standing, Reason = by.Reason, Until = until?.ToUniversalTime(), SetBy = by.Subject, SetAt = now };
            db.AccountStates.Add(row);
        }

        journal.Note(by, "state.set", standing.ToString(), new { row.Until }, target);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        journal.Forget(target);
        return Outcome<AccountState>.Done(row);
    }

    /// <summary>Lifts a standing. What was deleted stays deleted.</summary>
    /// <param name="account">The account or the person.</param>
    /// <param name="standing">The standing.</param>
    /// <param name="by">Who, and why.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    public async Task<Outcome<AccountState>> LiftStandingAsync(Guid account, AccountStanding standing, ChangeBy by, CancellationToken cancellationToken)
    {
        if (await db.AccountStates.FindAsync([account, standing], cancellationToken) is not { } row)
        {
            return Outcome<AccountState>.Refused(ApiProblems.NotFound($"The account {account} has no such standing."));
        }

        if (row is { Standing: AccountStanding.Deleted, SetBy: AccountState.System })
        {
            return Outcome<AccountState>.Refused(ApiProblems.Conflict("The person was deleted, with everything that was known. That cannot be undone."));
        }

        db.AccountStates.Remove(row);
        journal.Note(by, "state.lifted", standing.ToString(), null, account);
        await db.SaveChangesAsync(cancellationToken);
        journal.Forget(account);
        return Outcome<AccountState>.Done(row);
    }

    private async Task<(LimitScope Scope, LimitKind Kind)?> FindLimitAsync(string code, CancellationToken cancellationToken)
    {
        if (LimitOverrides.TryReadEntitlement(code, out _, out _))
        {
            return (LimitScope.Plan, LimitKind.Quota);
        }

        if (code.Split('/') is not [var policyCode, var limitCode])
        {
            return null;
        }

        var policy = await db.Policies.AsNoTracking().FirstOrDefaultAsync(row => row.Code == policyCode && row.ArchivedAt == null, cancellationToken);
        return policy?.Terms.Document.Limits?.FirstOrDefault(limit => limit.Code == limitCode) is { } found ? (policy.Terms.Scope, found.Kind) : null;
    }

    private static string? EndProblem(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now) =>
        to is { } end && (end <= (from ?? now) || end <= now) ? "It must be in the future, and later than the beginning." : null;
}
