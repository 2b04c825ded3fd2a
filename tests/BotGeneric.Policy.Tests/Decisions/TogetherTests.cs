using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Domain;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Random walks of what the model of one account does not have: limits of the platform over several accounts, and credits. What must hold whatever happens.</summary>
public sealed class TogetherTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (12, StepKind.Ask), (3, StepKind.AskForLess), (4, StepKind.CommitPart), (8, StepKind.Commit), (3, StepKind.Enlarge), (4, StepKind.Release), (3, StepKind.Pass),
        (2, StepKind.JumpBack), (6, StepKind.RecordHold));

    private static readonly Gen<Step[]> Steps =
        Gen.Select(Kinds, Gen.Int[0, 1_000], Gen.Int[1, 30], (kind, which, amount) => new Step(kind, which, amount)).Array[1, 30];

    [Fact]
    public Task The_platform_never_holds_less_than_its_accounts_nor_more_than_its_limit_and_nothing_when_all_is_over() => Steps.SampleAsync(PlatformAsync, time: 10, threads: 1);

    [Fact]
    public Task A_hold_that_has_ended_stays_so_when_the_clock_goes_back() => PlatformAsync(
    [
        new(StepKind.Ask, 0, 30), new(StepKind.Ask, 0, 30), new(StepKind.Pass, 0, 25), new(StepKind.Ask, 0, 30), new(StepKind.JumpBack, 0, 30), new(StepKind.Ask, 0, 30),
        new(StepKind.Commit, 0, 15), new(StepKind.Ask, 0, 30), new(StepKind.Ask, 0, 30), new(StepKind.Ask, 0, 30),
    ]);

    [Fact]
    public Task Credits_let_pass_what_they_have_and_have_paid_in_the_end_for_what_was_used_beyond() => Steps.SampleAsync(CreditAsync, time: 10, threads: 1);

    private async Task PlatformAsync(Step[] steps)
    {
        // Everybody's counters are shared by the tests of this class; a feature of one's own is a counter of one's own.
        var feature = $"feature-{Guid.CreateVersion7():N}";
        var platform = new CompiledLimit
        {
            Code = "everybody",
            Policy = "test",
            Scope = LimitScope.Platform,
            Kind = LimitKind.Quota,
            Unit = Output,
            Maximum = 100,
            Window = LimitWindowKind.Month,
            Feature = Pattern.TryParse(feature)!,
            Target = "p",
        };
        var walks = new[] { 70L, 90 }.Select(maximum =>
        {
            var rig = new Rig(application);
            rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(maximum, Output, LimitWindowKind.Month)], PlatformLimits = [platform] });
            return new Wanderer(rig, feature, canRecord: false);
        }).ToArray();
        for (var index = 0; index < steps.Length; index++)
        {
            // Both are in the same time, whoever moves it.
            var walk = walks[index % 2];
            await walk.TakeAsync(steps[index]);
            walks[(index + 1) % 2].Rig.Clock.Shift = walk.Rig.Clock.Shift;
            await ExpectAsync(isOver: false);
            Array.ForEach(walks, each => each.NoteWhatIsOver());
        }

        foreach (var hold in walks.SelectMany(walk => walk.Holds.Select(hold => (walk.Rig, Hold: hold))))
        {
            await hold.Rig.Holds.ReleaseAsync(hold.Rig.Account, hold.Hold);
        }

        await ExpectAsync(isOver: true);

        async Task ExpectAsync(bool isOver)
        {
            // Looking lets what is over end, in both places.
            var accounts = new List<LimitOutcome>();
            foreach (var walk in walks)
            {
                accounts.Add(await walk.Rig.StandingAsync("Plan:llm.output_tokens:Month"));
            }

            var everybody = (await walks[0].Rig.Counters.ReadAsync(await walks[0].Rig.CompiledAsync(), ofPlatform: true, CancellationToken.None)).Single();
            Assert.True(everybody.Held >= accounts.Sum(line => line.Held), $"The platform holds {everybody.Held}, its accounts {accounts.Sum(line => line.Held)}.");
            // More was consumed than was held: a debt, with which nothing more is held.
            Assert.True(everybody.Held == 0 || everybody.Held + everybody.Used <= 100 + walks.Sum(walk => walk.Debt), $"The platform holds {everybody.Held} beside {everybody.Used}.");
            Assert.Equal(accounts.Sum(line => line.Used), everybody.Used);
            Assert.Equal(0, isOver ? everybody.Held : 0);
            var inspection = await walks[0].Rig.Counters.InspectAsync(Guid.Empty, repair: false);
            Assert.Equal((0, 0), (inspection.Differences, inspection.Negative));
        }
    }

    private async Task CreditAsync(Step[] steps)
    {
        const long Maximum = 60, Credit = 40;
        var rig = new Rig(application);
        var grant = await GrantAsync(rig.Account, Credit);
        rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [Quota(Maximum, Output, LimitWindowKind.Month)], Grants = [grant] });
        var walk = new Wanderer(rig, "chat", canRecord: true);
        foreach (var step in steps)
        {
            await walk.TakeAsync(step);
            walk.NoteWhatIsOver();
            var inspection = await rig.Counters.InspectAsync(rig.Account, repair: false);
            Assert.Equal((0, 0), (inspection.Differences, inspection.Negative));
            var held = await HeldAsync();
            Assert.True(held == 0 || held + walk.Used <= Maximum + Credit + walk.Debt, $"{held} are held beside {walk.Used} used.");
        }

        foreach (var hold in walk.Holds)
        {
            await rig.Holds.ReleaseAsync(rig.Account, hold);
        }

        await walk.ReportAllAsync();
        var beyond = Math.Clamp(walk.Used - Maximum, 0, Credit);
        Assert.Equal(beyond, await BurnedAsync(grant));
        Assert.Equal(walk.Used - beyond, (await rig.StandingAsync("Plan:llm.output_tokens:Month")).Used);
        Assert.Equal(0, await HeldAsync());

        // What is held of the window and of the credit.
        async Task<long> HeldAsync() => (await rig.StandingAsync("Plan:llm.output_tokens:Month")).Held;
    }

    private async Task<CompiledGrant> GrantAsync(Guid account, long amount)
    {
        var now = DateTimeOffset.UtcNow;
        var row = new CreditGrant
        {
            Id = Guid.CreateVersion7(),
            AccountId = account,
            Unit = Output,
            Amount = amount,
            Priority = 0,
            EffectiveFrom = now.AddDays(-40),
            Reason = "test",
            CreatedBy = "test",
            CreatedAt = now,
        };
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        db.Grants.Add(row);
        await db.SaveChangesAsync();
        return new CompiledGrant(row.Id, row.Unit, amount, row.EffectiveFrom, null);
    }

    private async Task<decimal> BurnedAsync(CompiledGrant grant)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PolicyDbContext>().Grants.AsNoTracking().SingleAsync(row => row.Id == grant.Id)).Burned;
    }

    /// <summary>Takes steps for one account, and adds up what its calls have consumed.</summary>
    private sealed class Wanderer
    {
        private readonly bool _canRecord;
        private readonly string _feature;
        private readonly Dictionary<Guid, Call> _calls = [];

        internal Wanderer(Rig rig, string feature, bool canRecord)
        {
            (Rig, _feature, _canRecord) = (rig, feature, canRecord);
            // In the middle of the month, so that all is in one window.
            var now = DateTimeOffset.UtcNow;
            rig.Pass(new DateTimeOffset(now.Year, now.Month, 15, 12, 0, 0, TimeSpan.Zero) - now);
        }

        internal Rig Rig { get; }

        internal IReadOnlyList<Guid> Holds => [.. _calls.Keys];

        /// <summary>What was consumed, in parts and as a whole.</summary>
        internal long Used => _calls.Values.Sum(call => call.Consumed);

        /// <summary>What was consumed beyond what was granted.</summary>
        internal long Debt => _calls.Values.Sum(call => call.Debt);

        internal Task TakeAsync(Step step)
        {
            var hold = _calls.Count == 0 ? (Guid?)null : Holds[step.Which % _calls.Count];
            return step.Kind switch
            {
                StepKind.Ask => AskAsync(Tokens(step.Amount)),
                StepKind.AskForLess => AskAsync(Tokens(step.Amount * 2, 1)),
                StepKind.Enlarge when hold is { } id => EnlargeAsync(id, Tokens(step.Amount)),
                StepKind.CommitPart when hold is { } id => CommitAsync(id, step.Amount, isFinal: false),
                StepKind.Commit when hold is { } id => CommitAsync(id, step.Amount * 2, isFinal: true),
                StepKind.Release when hold is { } id => Rig.Holds.ReleaseAsync(Rig.Account, id),
                StepKind.RecordHold when hold is { } id && _canRecord => ReportAsync(id),
                StepKind.Pass => PassAsync(TimeSpan.FromSeconds(step.Amount * 4)),
                StepKind.JumpBack => PassAsync(TimeSpan.FromSeconds(-step.Amount * 3)),
                _ => Task.CompletedTask,
            };
        }

        /// <summary>Remembers which holds have ended by themselves: they stay so when the clock goes back.</summary>
        internal void NoteWhatIsOver()
        {
            foreach (var call in _calls.Values)
            {
                call.IsOver |= call.ExpiresAt <= Rig.Clock.Now;
            }
        }

        internal async Task ReportAllAsync()
        {
            foreach (var hold in Holds)
            {
                await ReportAsync(hold);
            }
        }

        private async Task AskAsync(UnitAmount amount)
        {
            var decision = await Rig.AskAsync(TimeSpan.FromSeconds(60), _feature, amount);
            if (decision.HoldId is { } hold)
            {
                _calls.Add(hold, new Call { Granted = decision.Granted.Single(granted => granted.Unit == Output).Need, ExpiresAt = decision.ExpiresAt });
            }
        }

        private async Task EnlargeAsync(Guid hold, UnitAmount more)
        {
            if (await Rig.Engine.EnlargeAsync(Rig.Account, hold, [more], TimeSpan.FromSeconds(60), CancellationToken.None) is { Decision.IsAllowed: true } enlarged)
            {
                _calls[hold].Granted += enlarged.Decision.Granted.Single(granted => granted.Unit == Output).Need;
                _calls[hold].ExpiresAt = enlarged.Decision.ExpiresAt;
            }
        }

        private async Task CommitAsync(Guid hold, long tokens, bool isFinal)
        {
            var status = await Rig.Holds.CommitAsync(Rig.Account, hold, [Tokens(tokens)], isFinal ? "e" : string.Empty, isFinal, TimeSpan.Zero);
            if (status.Outcome == HoldOutcome.Done)
            {
                _calls[hold].Consumed = tokens;
                // The room of a hold that is over may be somebody else's by now.
                _calls[hold].WasLate |= _calls[hold].IsOver || status.ExpiresAt <= Rig.Clock.Now;
            }
        }

        private async Task ReportAsync(Guid hold)
        {
            var call = _calls[hold];
            if (!call.IsReported)
            {
                call.IsReported = true;
                await Rig.RecordAndTellAsync(Rig.Usage(output: call.Consumed, hold: hold) with { Feature = _feature });
            }
        }

        private Task PassAsync(TimeSpan time)
        {
            Rig.Pass(time);
            return Task.CompletedTask;
        }
    }

    private sealed class Call
    {
        internal long Granted { get; set; }

        internal long Consumed { get; set; }

        internal DateTimeOffset? ExpiresAt { get; set; }

        /// <summary>The hold has ended by itself.</summary>
        internal bool IsOver { get; set; }

        internal bool WasLate { get; set; }

        internal bool IsReported { get; set; }

        internal long Debt => WasLate ? Consumed : Math.Max(0, Consumed - Granted);
    }
}
