using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>One-off credits extend quotas and budgets once they are used up, one credit after the other.</summary>
public sealed class CreditTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private readonly Rig _rig = new(application);

    [Fact]
    public async Task Credits_are_used_when_the_quota_is_used_up_and_in_their_order()
    {
        var (first, second) = (await GrantAsync(10), await GrantAsync(20));
        Extend([first, second], Quota(30, Output));

        var decision = await _rig.AskAsync(Tokens(45));
        await _rig.CommitAsync(decision.HoldId!.Value, "e1", Tokens(45));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 45, hold: decision.HoldId));

        Assert.True(decision.IsAllowed);
        Assert.Equal((10m, 5m), (await BurnedAsync(first), await BurnedAsync(second)));
        // What credits took over does not count against the quota.
        Assert.Equal((30, 0), await StandingAsync());
        Assert.True((await _rig.AskAsync(Tokens(15))).IsAllowed);
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    [Fact]
    public async Task A_call_that_used_less_than_was_held_leaves_the_rest_to_the_credits_that_would_have_been_used_last()
    {
        var (first, second) = (await GrantAsync(10), await GrantAsync(20));
        Extend([first, second], Quota(30, Output));
        var decision = await _rig.AskAsync(Tokens(60));
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);

        await _rig.CommitAsync(decision.HoldId!.Value, "e1", Tokens(36));
        var before = await _rig.AskAsync(Tokens(24));
        await _rig.Holds.ReleaseAsync(_rig.Account, before.HoldId!.Value);
        await _rig.RecordAndTellAsync(_rig.Usage(output: 36, hold: decision.HoldId));
        var after = await _rig.AskAsync(Tokens(24));

        Assert.True(before.IsAllowed);
        Assert.True(after.IsAllowed);
        Assert.Equal((6m, 0m), (await BurnedAsync(first), await BurnedAsync(second)));
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    [Fact]
    public async Task What_was_used_beyond_the_hold_is_taken_from_credits_before_anything_else_is()
    {
        var grant = await GrantAsync(20);
        Extend([grant], Quota(10, Output));
        var hold = (await _rig.AskAsync(Tokens(10))).HoldId!.Value;
        await _rig.CommitAsync(hold, "e1", Tokens(15));

        // The five beyond are a debt that the credit pays: 15 are left of it, whether the ledger has heard of the call or not.
        Assert.False((await _rig.AskAsync(Tokens(16))).IsAllowed);
        var rest = await _rig.AskAsync(Tokens(15));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 15, hold: hold));

        Assert.True(rest.IsAllowed);
        Assert.Equal(5m, await BurnedAsync(grant));
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
        await _rig.CommitAsync(rest.HoldId!.Value, "e2", Tokens(15));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 15, hold: rest.HoldId));
        Assert.Equal(20m, await BurnedAsync(grant));
        Assert.Equal((10, 0), await StandingAsync());
        await AssertSoundAsync();
    }

    [Fact]
    public async Task A_credit_pays_once_for_what_several_windows_lack()
    {
        var grant = await GrantAsync(20);
        Extend([grant], Quota(10, Output), Quota(15, Output, LimitWindowKind.Month));

        var decision = await _rig.AskAsync(Tokens(20));
        await _rig.CommitAsync(decision.HoldId!.Value, "e1", Tokens(20));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 20, hold: decision.HoldId));

        Assert.Equal(10m, await BurnedAsync(grant));
        Assert.Equal((10, 0), await StandingAsync());
        Assert.Equal(15, (await _rig.StandingAsync("Plan:llm.output_tokens:Month")).Used);
        await AssertSoundAsync();
    }

    [Fact]
    public async Task A_credit_that_is_over_or_not_yet_valid_extends_nothing()
    {
        var over = await GrantAsync(20, expiresIn: TimeSpan.FromMinutes(10));
        var early = await GrantAsync(20, validIn: TimeSpan.FromMinutes(20));
        Extend([over, early], Quota(10, Output));
        var inTime = await _rig.AskAsync(Tokens(15));
        await _rig.Holds.ReleaseAsync(_rig.Account, inTime.HoldId!.Value);
        // The clock follows the server's answers.
        _rig.Pass(TimeSpan.FromMinutes(11));
        await _rig.AskAsync(Tokens(0));
        var late = await _rig.AskAsync(Tokens(15));
        _rig.Pass(TimeSpan.FromMinutes(11));
        await _rig.AskAsync(Tokens(0));
        var other = await _rig.AskAsync(Tokens(15));

        Assert.Equal((true, false, true), (inTime.IsAllowed, late.IsAllowed, other.IsAllowed));
    }

    [Fact]
    public async Task A_credit_that_was_taken_back_pays_for_nothing_more()
    {
        var (revoked, other) = (await GrantAsync(20), await GrantAsync(3));
        Extend([revoked, other], Quota(10, Output));
        var decision = await _rig.AskAsync(Tokens(15));
        await RevokeAsync(revoked);

        await _rig.CommitAsync(decision.HoldId!.Value, "e1", Tokens(15));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 15, hold: decision.HoldId));

        // Others pay as far as they go; the rest is a debt of the window.
        Assert.Equal((0m, 3m), (await BurnedAsync(revoked), await BurnedAsync(other)));
        Extend([other], Quota(10, Output));
        Assert.Equal((12, 0), await StandingAsync());
        Assert.False((await _rig.AskAsync(Tokens(1))).IsAllowed);
    }

    [Fact]
    public async Task Credits_are_not_held_twice_by_calls_at_the_same_time()
    {
        var grant = await GrantAsync(40);
        Extend([grant], Quota(10, Output));
        Rig[] replicas = [.. Enumerable.Range(0, 4).Select(_ => _rig.Replica())];

        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(async call =>
        {
            await Task.Yield();
            return await replicas[call % replicas.Length].AskAsync(Tokens(1));
        }));

        Assert.Equal(50, decisions.Count(decision => decision.IsAllowed));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task A_user_s_own_limit_is_not_extended_by_the_account_s_credits()
    {
        var grant = await GrantAsync(40);
        Extend([grant], Quota(10, Output), Quota(12, Output, scope: LimitScope.User, user: _rig.User));

        Assert.False((await _rig.AskAsync(Tokens(13))).IsAllowed);
        Assert.True((await _rig.AskAsync(Tokens(12))).IsAllowed);
    }

    private void Extend(CompiledGrant[] grants, params CompiledLimit[] limits) =>
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = limits, Grants = grants });

    private async Task<CompiledGrant> GrantAsync(decimal amount, TimeSpan? expiresIn = null, TimeSpan? validIn = null)
    {
        var now = DateTimeOffset.UtcNow;
        var row = new CreditGrant
        {
            Id = Guid.CreateVersion7(),
            AccountId = _rig.Account,
            Unit = Output,
            Amount = amount,
            Priority = 0,
            EffectiveFrom = now + (validIn ?? TimeSpan.FromHours(-1)),
            ExpiresAt = now + expiresIn,
            Reason = "test",
            CreatedBy = "test",
            CreatedAt = now,
        };
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        db.Grants.Add(row);
        await db.SaveChangesAsync();
        return new CompiledGrant(row.Id, row.Unit, (long)amount, row.EffectiveFrom, row.ExpiresAt);
    }

    private async Task RevokeAsync(CompiledGrant grant)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        (await db.Grants.SingleAsync(row => row.Id == grant.Id)).Revoke(DateTimeOffset.UtcNow);
        await db.SaveChangesAsync();
    }

    private async Task<decimal> BurnedAsync(CompiledGrant grant)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        return (await db.Grants.AsNoTracking().SingleAsync(row => row.Id == grant.Id)).Burned;
    }

    private async Task<(long Used, long Held)> StandingAsync()
    {
        var standing = await _rig.StandingAsync("Plan:llm.output_tokens:Day");
        return (standing.Used, standing.Held);
    }

    private async Task AssertSoundAsync()
    {
        var inspection = await _rig.Counters.InspectAsync(_rig.Account, repair: false);
        Assert.Equal((0, 0), (inspection.Differences, inspection.Negative));
    }
}
