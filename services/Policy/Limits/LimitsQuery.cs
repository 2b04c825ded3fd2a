using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Limits;

/// <summary>Where an account stands.</summary>
/// <param name="accounts">What limits whom.</param>
/// <param name="counters">The live counters.</param>
/// <param name="ledger">What the ledger has.</param>
/// <param name="db">Policy's database.</param>
/// <param name="clock">The counters' clock.</param>
internal sealed class LimitsQuery(
    ICompiledAccounts accounts, LiveCounters counters, LedgerSumsReader ledger, PolicyDbContext db, DecisionClock clock)
{
    /// <summary>The limits, and what is used of each in the window that a moment lies in.</summary>
    /// <param name="subject">The account, and within it a person and a key.</param>
    /// <param name="at">The moment; null: now, with what calls that run have reserved.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The limits. An account that nobody has heard of has the free allowance.</returns>
    public async Task<AccountLimits> GetAsync(PolicySubject subject, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        var account = await accounts.GetAsync(subject, cancellationToken);
        var live = at is null ? await TryReadLiveAsync(account, cancellationToken) : null;
        var moment = at ?? clock.Now;
        var outcomes = live ?? await ReadLedgerAsync(account, moment, cancellationToken);
        return new AccountLimits(
            subject.AccountId, moment, account.Plans, [.. outcomes.Select(AccountLimit.From)], await CreditsAsync(account, moment, cancellationToken),
            live is not null);
    }

    private async Task<IReadOnlyList<LimitOutcome>?> TryReadLiveAsync(CompiledAccount account, CancellationToken cancellationToken)
    {
        try
        {
            return await counters.ReadAsync(account, ofPlatform: false, cancellationToken);
        }
        catch (CountersUnavailableException)
        {
            // The answer says that it is not live.
            return null;
        }
    }

    private async Task<IReadOnlyList<LimitOutcome>> ReadLedgerAsync(CompiledAccount account, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var layout = AccountLayout.Of(account);
        var sums = await ledger.ReadAsync(account.Subject.AccountId, layout.Limits, [], at, cancellationToken);
        return
        [
            .. layout.Limits.Where(limit => limit.IsWindow).Select(limit =>
            {
                var window = limit.WindowAt(at);
                var used = sums.First(target => target.Target == limit.Target).Sums.First(sum => sum.Field.AsSpan().SequenceEqual(window.Utf8)).Amount;
                return new LimitOutcome(limit.Limit, Math.Max(0, used), 0, window.Window.ResetsAt, Refuses: false, window.Window.Start);
            }),
        ];
    }

    private async Task<IReadOnlyList<AccountCredit>> CreditsAsync(CompiledAccount account, DateTimeOffset at, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. account.Grants.Where(grant => at >= grant.EffectiveFrom && (grant.ExpiresAt is null || at < grant.ExpiresAt)).Select(grant => grant.Id)];
        if (ids.Length == 0)
        {
            return [];
        }

        var burned = await db.Grants.AsNoTracking().Where(grant => ids.Contains(grant.Id)).ToDictionaryAsync(grant => grant.Id, grant => grant.Burned, cancellationToken);
        return
        [
            .. account.Grants.Where(grant => ids.Contains(grant.Id)).Select(grant => new AccountCredit(
                grant.Id, grant.Unit, new Quantity(grant.Unit, grant.Amount),
                new Quantity(grant.Unit, Units.Count(grant.Unit, burned.GetValueOrDefault(grant.Id))), grant.ExpiresAt)),
        ];
    }
}
