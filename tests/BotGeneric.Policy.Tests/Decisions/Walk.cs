using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Walks the real engine and the model through the same steps, and compares them after each.</summary>
internal sealed partial class Walk
{
    private static readonly int[] Passes = [60, 60, 120, 600, 3_600, 6 * 3_600];
    private static readonly int[] Jumps = [60, 120, 3_600, 14 * 3_600];
    private static readonly int[] Lifetimes = [60, 120, 600, 3_600];

    private readonly Rig _rig;
    private readonly Func<Task> _lose;
    private readonly Model _model = new();
    private readonly List<(ModelNews News, IReadOnlyList<CountedAccount> Told)> _news = [];
    private readonly long[] _maxima = [12, 400, 300, 5_000_000_000, 4, 500];
    private readonly bool[] _exist = [true, true, true, true, true, true];
    private BillingPeriod _period;

    internal Walk(Rig rig, Func<Task>? lose = null)
    {
        (_rig, _lose) = (rig, lose ?? rig.LoseCountersAsync);
        // From noon: a few hours later the day ends.
        var now = DateTimeOffset.UtcNow;
        var noon = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1).AddHours(12), TimeSpan.Zero);
        _rig.Pass(noon - now);
        _model.Now = noon;
        // It is over a few hours later, in the middle of an hour.
        _period = new BillingPeriod(noon.AddHours(-20.5), noon.AddHours(3.5));
        Compile();
    }

    internal async Task RunAsync(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            await TakeAsync(step);
            await InspectAsync();
        }

        await SettleAsync();
    }

    private Task TakeAsync(Step step)
    {
        var hold = _model.Holds.Count == 0 ? null : _model.Holds[step.Which % _model.Holds.Count];
        return step.Kind switch
        {
            StepKind.Ask => AskAsync(step, isLessEnough: false),
            StepKind.AskForLess => AskAsync(step, isLessEnough: true),
            StepKind.CommitPart when hold is not null => CommitAsync(hold, step, isFinal: false),
            StepKind.Commit when hold is not null => CommitAsync(hold, step, isFinal: true),
            StepKind.Enlarge when hold is not null => EnlargeAsync(hold, step),
            StepKind.Prolong when hold is not null => ProlongAsync(hold, step),
            StepKind.Release when hold is not null => ReleaseAsync(hold),
            StepKind.Pass => PassAsync(Passes[step.Which % Passes.Length]),
            StepKind.JumpBack => PassAsync(-Jumps[step.Which % Jumps.Length]),
            StepKind.Record => RecordAsync(null, step.Amount, 1),
            StepKind.RecordHold when hold is { IsInLedger: false } && _news.TrueForAll(news => news.News.Hold != hold) => RecordAsync(hold, step.Amount, 1),
            StepKind.Correct => RecordAsync(null, -step.Amount, -1),
            StepKind.Deliver when _news.Count > 0 => DeliverAsync(_news[step.Which % _news.Count]),
            StepKind.Lose => LoseAsync(),
            StepKind.ChangeMaximum => ChangeMaximum(step),
            StepKind.ChangeSet => ChangeSet(step),
            StepKind.Renew => RenewAsync(step),
            _ => Task.CompletedTask,
        };
    }

    private CompiledLimit[] Limits =>
    [
        .. new[]
        {
            Quota(_maxima[0]), Quota(_maxima[1], Output), Quota(_maxima[2], Output, scope: LimitScope.User, user: _rig.User),
            Quota(_maxima[3], "USD", LimitWindowKind.Month), Concurrency(_maxima[4]), Quota(_maxima[5], Output, LimitWindowKind.BillingPeriod),
        }.Where((_, index) => _exist[index]),
    ];

    private void Compile()
    {
        var (limits, period) = (Limits, _period);
        _rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = limits, Period = period });
    }

    private ModelWindow WindowOf(CompiledLimit limit)
    {
        if (limit.Kind == LimitKind.Concurrency)
        {
            return new ModelWindow(limit.Counter, limit.Counter, null);
        }

        var window = CountedWindow.Of(limit.Window, _model.Now, _period);
        return new ModelWindow(limit.Counter, $"{limit.Counter}:{window.StartSeconds}", window);
    }

    private string FieldOf(CompiledLimit limit) => WindowOf(limit).Field;

    private async Task AskAsync(Step step, bool isLessEnough)
    {
        var lifetime = TimeSpan.FromSeconds(Lifetimes[step.Which % Lifetimes.Length]);
        UnitAmount[] amounts = [Requests(), Tokens(step.Amount + 1, isLessEnough ? 1 : null), Dollars(step.Amount / 100m + 0.01m)];
        var decision = await _rig.AskAsync(lifetime, "chat", amounts);
        _model.Look();
        Judge(decision, amounts, isNew: true);
        if (decision.IsAllowed)
        {
            var hold = new ModelHold { Id = decision.HoldId!.Value, State = HoldStates.Held, ExpiresAt = _model.Now + lifetime };
            _model.Holds.Add(hold);
            Add(hold, decision, isNew: true);
        }
    }

    private async Task EnlargeAsync(ModelHold hold, Step step)
    {
        var more = Tokens(step.Amount + 1);
        var enlarged = await _rig.Engine.EnlargeAsync(_rig.Account, hold.Id, [more], TimeSpan.FromSeconds(120), CancellationToken.None);
        _model.Look();
        Assert.Equal(hold.IsForgotten || hold.State != HoldStates.Held, enlarged is null);
        if (enlarged is null)
        {
            return;
        }

        Judge(enlarged.Decision, [more], isNew: false);
        if (enlarged.Decision.IsAllowed)
        {
            hold.ExpiresAt = Later(hold.ExpiresAt, _model.Now.AddSeconds(120));
            Add(hold, enlarged.Decision, isNew: false);
        }
    }

    // No call passes for which there is no room by the least that the counters must know; none is refused for which there is by the most that they can know.
    private void Judge(Decision decision, UnitAmount[] asked, bool isNew)
    {
        Assert.False(decision.IsDegraded);
        var mayRefuse = false;
        foreach (var limit in Limits)
        {
            var window = WindowOf(limit);
            var index = AuthorizeScript.IndexOf(asked, limit.Unit);
            if (limit.Kind == LimitKind.Concurrency ? !isNew : index < 0 && !isNew)
            {
                continue;
            }

            var held = _model.Held(window.Field);
            if (decision.IsAllowed)
            {
                var taken = limit.Kind == LimitKind.Concurrency ? 1 : decision.Granted.Single(amount => amount.Unit == limit.Unit).Need;
                Assert.True(
                    _model.LeastUsed(window) + held + taken <= limit.Maximum, $"{limit.Code} let {taken} pass beside {_model.LeastUsed(window)} used and {held} held of {limit.Maximum}.");
                Assert.True(taken >= (index < 0 ? 1 : asked[index].Minimum), $"{limit.Code} granted {taken}.");
            }

            mayRefuse |= _model.MostUsed(window) + held + (index < 0 ? 1 : asked[index].Minimum) > limit.Maximum;
        }

        Assert.True(decision.IsAllowed || mayRefuse, $"{decision.RefusedBy?.Limit.Code} refused what there was room for.");
    }

    private void Add(ModelHold hold, Decision decision, bool isNew)
    {
        foreach (var amount in decision.Granted)
        {
            hold.Granted[amount.Unit] = hold.Granted.GetValueOrDefault(amount.Unit) + amount.Need;
        }

        // What runs is one call, however often it is enlarged.
        foreach (var limit in Limits.Where(limit => limit.Kind != LimitKind.Concurrency || isNew))
        {
            var field = FieldOf(limit);
            var unit = limit.Kind == LimitKind.Concurrency ? ModelUnits.Calls : limit.Unit;
            var more = unit == ModelUnits.Calls ? 0 : decision.Granted.Single(amount => amount.Unit == unit).Need;
            hold.Entries[field] = (unit, hold.Entries.GetValueOrDefault(field).Amount + more);
        }
    }

    private async Task CommitAsync(ModelHold hold, Step step, bool isFinal)
    {
        UnitAmount[] actual = isFinal ? [Requests(), Tokens(step.Amount * 2), Dollars(step.Amount / 50m)] : [Tokens(step.Amount)];
        var eventId = isFinal ? $"e{step.Which % 2}" : string.Empty;
        var status = await _rig.Holds.CommitAsync(_rig.Account, hold.Id, actual, eventId, isFinal, TimeSpan.Zero);
        _model.Look();
        Assert.Equal(hold.Commit(actual, eventId, isFinal, _model), status.Outcome);
        Assert.Equal(hold.IsForgotten ? string.Empty : hold.State, status.State);
    }

    private async Task ProlongAsync(ModelHold hold, Step step)
    {
        var lifetime = TimeSpan.FromSeconds(Lifetimes[step.Amount % Lifetimes.Length]);
        var status = await _rig.Holds.ProlongAsync(_rig.Account, hold.Id, lifetime);
        _model.Look();
        var isLive = !hold.IsForgotten && hold.State == HoldStates.Held;
        Assert.Equal(isLive, status.Outcome == HoldOutcome.Done);
        hold.ExpiresAt = isLive ? Later(hold.ExpiresAt, _model.Now + lifetime) : hold.ExpiresAt;
    }

    private async Task ReleaseAsync(ModelHold hold)
    {
        var status = await _rig.Holds.ReleaseAsync(_rig.Account, hold.Id);
        _model.Look();
        var expected = hold switch
        {
            { IsForgotten: true } => HoldOutcome.Unknown,
            { State: HoldStates.Released or HoldStates.Expired } => HoldOutcome.Repeated,
            { State: HoldStates.Held } => HoldOutcome.Done,
            _ => HoldOutcome.NotNow,
        };
        Assert.Equal(expected, status.Outcome);
        if (expected == HoldOutcome.Done)
        {
            _model.Finish(hold, HoldStates.Released);
        }
    }

    private Task PassAsync(int seconds)
    {
        _rig.Pass(TimeSpan.FromSeconds(seconds));
        _model.Now = _model.Now.AddSeconds(seconds);
        return Task.CompletedTask;
    }

    private async Task LoseAsync()
    {
        await _lose();
        _model.Holds.ForEach(hold => hold.IsForgotten = true);
    }

    private async Task InspectAsync()
    {
        var inspection = await _rig.Counters.InspectAsync(_rig.Account, repair: false);
        _model.Look();
        Assert.Equal((0, 0), (inspection.Differences, inspection.Negative));
        Assert.Equal(_model.Holds.Count(hold => !hold.IsForgotten && hold.State == HoldStates.Held), inspection.Live);
        Assert.Equal(_model.Holds.Count(hold => !hold.IsForgotten), inspection.Known);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
