using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Policies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.WhatIf;

/// <summary>How a replay ended.</summary>
public enum ReplayEnd
{
    /// <summary>At the end of what was asked for.</summary>
    Complete,

    /// <summary>It took too long.</summary>
    TimeLimit,

    /// <summary>There was too much to remember.</summary>
    MemoryLimit,
}

/// <summary>A replay, and how far it came.</summary>
/// <param name="Replay">Its verdicts.</param>
/// <param name="End">How it ended.</param>
/// <param name="JudgedUntil">The time of the last use that was judged, UTC; null when there was none.</param>
public sealed record StudyResult(PolicyReplay Replay, ReplayEnd End, DateTimeOffset? JudgedUntil);

/// <summary>Goes through recorded use and asks what a draft policy would have refused.</summary>
/// <param name="db">Policy's database.</param>
/// <param name="ledger">Recorded use.</param>
/// <param name="options">How long, and how much is remembered.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class WhatIfStudy(
    PolicyDbContext db, UsageLedgerClient ledger, IOptions<WhatIfOptions> options, TimeProvider timeProvider)
{
    /// <summary>Goes through it.</summary>
    /// <param name="policy">The draft.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <param name="account">Only this account's use.</param>
    /// <param name="authorization">The admin's own credential, for Usage.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UsageUnavailableException">Recorded use cannot be read.</exception>
    public async Task<StudyResult> RunAsync(
        ReadPolicy policy, DateTimeOffset from, DateTimeOffset to, Guid? account, string? authorization, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var profiles = await ProfilesAsync(account, cancellationToken);
        var replay = new PolicyReplay(policy, id => profiles.GetValueOrDefault(id, AccountProfile.Unknown), options.Value.Memory);
        DateTimeOffset? judged = null;
        using var patience = new CancellationTokenSource(options.Value.TimeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await foreach (var use in ledger.ReadAsync(from, to, account, authorization, either.Token))
            {
                if (!replay.Judge(use))
                {
                    return new StudyResult(replay, ReplayEnd.MemoryLimit, use.Time);
                }

                judged = use.Time;
                if (timeProvider.GetElapsedTime(started) > options.Value.TimeLimit)
                {
                    return new StudyResult(replay, ReplayEnd.TimeLimit, judged);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new StudyResult(replay, ReplayEnd.TimeLimit, judged);
        }

        return new StudyResult(replay, ReplayEnd.Complete, judged);
    }

    // Plans and periods as they are now: what they were at the time is not kept.
    private async Task<Dictionary<Guid, AccountProfile>> ProfilesAsync(Guid? account, CancellationToken cancellationToken)
    {
        var organizations = (await db.Organizations.Where(row => account == null || row.AccountId == account).Select(row => row.AccountId).ToListAsync(cancellationToken)).ToHashSet();
        var plans = await db.PlanGrants.AsNoTracking().Where(row => account == null || row.AccountId == account).ToListAsync(cancellationToken);
        var now = timeProvider.GetUtcNow();
        var profiles = organizations.ToDictionary(id => id, _ => AccountProfile.Unknown with { IsOrganization = true });
        foreach (var group in plans.GroupBy(plan => plan.AccountId))
        {
            var standing = Standings.Of(SubjectFacts.None with { Plans = [.. group] }, now, new Horizon(now));
            profiles[group.Key] = new AccountProfile(organizations.Contains(group.Key), standing.Plans, standing.Period);
        }

        return profiles;
    }
}
