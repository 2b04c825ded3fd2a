using BotGeneric.Contracts;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What the ledger says during a walk, what limits become, and what must be true in the end.</summary>
internal sealed partial class Walk
{
    private Task ChangeMaximum(Step step)
    {
        var index = step.Which % _maxima.Length;
        _maxima[index] = index == 3 ? step.Amount * 100_000_000L : index is 0 or 4 ? step.Amount % 15 : step.Amount * 5;
        Compile();
        return Task.CompletedTask;
    }

    private Task ChangeSet(Step step)
    {
        _exist[step.Which % _exist.Length] ^= true;
        Compile();
        return Task.CompletedTask;
    }

    // The period that runs is paid for; half of the times it has just begun. One that is renewed is another window, in which everything since its beginning counts, also what
    // was recorded before the payment was heard of.
    private async Task RenewAsync(Step step)
    {
        if (step.Which % 2 == 0 && _model.Now < _period.End)
        {
            await PassAsync((int)(_period.End - _model.Now).TotalSeconds + (step.Amount % 2 * 60));
        }

        _period = _model.Now < _period.End ? _period : BillingPeriods.Containing(_period, _model.Now);
        Compile();
    }

    private async Task RecordAsync(ModelHold? hold, int tokens, int requests)
    {
        var cost = tokens / 100m;
        var entry = _rig.Usage(tokens, hold?.Id, cost, requests) with { Time = _model.Now.AddSeconds(1) };
        var told = await _rig.RecordAsync(entry);
        // Every window, whether a limit counts it now or not.
        var amounts = new Dictionary<string, long>();
        foreach (var limit in new[]
        {
            Quota(1), Quota(1, Output), Quota(1, Output, scope: LimitScope.User, user: _rig.User), Quota(1, "USD", LimitWindowKind.Month),
            Quota(1, Output, LimitWindowKind.BillingPeriod),
        })
        {
            amounts[limit.Counter] = limit.Unit switch { Meters.Requests => requests, Output => tokens, _ => (long)(cost * Amounts.MoneyScale) };
        }

        var news = new ModelNews(entry.Time, amounts, hold);
        _model.News.Add(news);
        _news.Add((news, told));
    }

    private async Task DeliverAsync((ModelNews News, IReadOnlyList<CountedAccount> Told) pair)
    {
        foreach (var counted in pair.Told)
        {
            await _rig.Counters.AdvanceAsync(counted);
        }

        _model.Look();
        pair.News.IsDelivered = true;
        if (pair.News.Hold is { IsForgotten: false, IsInLedger: false } hold)
        {
            hold.IsInLedger = true;
            _model.Finish(hold, hold.State is HoldStates.Held or HoldStates.Expired ? HoldStates.Recorded : hold.State);
        }
    }

    // Once everything is delivered, in whatever order and however often, the counters are the ledger and what it has not heard of.
    private async Task SettleAsync()
    {
        foreach (var news in _news.AsEnumerable().Reverse().Concat(_news))
        {
            await DeliverAsync(news);
        }

        await InspectAsync();
        var lines = await _rig.Counters.ReadAsync(await _rig.CompiledAsync(), ofPlatform: false, CancellationToken.None);
        foreach (var line in lines)
        {
            var window = WindowOf(line.Limit);
            var used = line.Limit.Kind == LimitKind.Concurrency ? 0 : Math.Max(0, _model.Ledger(window) + _model.Pending(window.Field));
            Assert.Equal((line.Limit.Code, used, _model.Held(window.Field)), (line.Limit.Code, line.Used, line.Held));
        }
    }
}
