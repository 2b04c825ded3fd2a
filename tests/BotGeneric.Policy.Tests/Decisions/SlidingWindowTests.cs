using BotGeneric.Policy.Decisions;
using CsCheck;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>A rate holds in every window of its length, wherever that begins, and is not kept closed for longer than a twentieth of it.</summary>
public sealed class SlidingWindowTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private const int Maximum = 20;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Cell = Window / 20;

    // The process' idea of the server's clock may be so much off.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(200);

    private static readonly Gen<(int What, int Amount, int Pause)[]> Steps = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 12], Gen.Int[0, 40]).Array[1, 60];

    [Fact]
    public Task No_window_of_the_length_has_more_than_the_maximum_and_room_is_back_in_time() => Steps.SampleAsync(WalkAsync, time: 10, threads: 2);

    [Fact]
    public async Task What_an_enlarged_call_did_not_use_is_given_back_wherever_it_was_counted()
    {
        var rig = new Rig(application);
        rig.Limit(Rate(20, Window, Output));
        var hold = (await rig.AskAsync(Tokens(8))).HoldId!.Value;
        rig.Pass(TimeSpan.FromSeconds(30));
        await rig.Engine.EnlargeAsync(rig.Account, hold, [Tokens(12)], TimeSpan.FromMinutes(2), CancellationToken.None);
        Assert.False((await rig.AskAsync(Tokens(1))).IsAllowed);

        await rig.CommitAsync(hold, "e1", Tokens(5));

        Assert.Equal(5, (await rig.StandingAsync($"rate:{Output}")).Used);
        Assert.True((await rig.AskAsync(Tokens(15))).IsAllowed);
    }

    [Fact]
    public async Task Giving_back_takes_nothing_from_what_others_have_counted()
    {
        var rig = new Rig(application);
        rig.Limit(Rate(40, Window, Output));
        var one = (await rig.AskAsync(Tokens(10))).HoldId!.Value;
        var other = (await rig.AskAsync(Tokens(10))).HoldId!.Value;
        rig.Pass(TimeSpan.FromSeconds(10));
        await rig.Engine.EnlargeAsync(rig.Account, one, [Tokens(10)], TimeSpan.FromMinutes(2), CancellationToken.None);

        await rig.Holds.ReleaseAsync(rig.Account, one);
        rig.Pass(TimeSpan.FromSeconds(20));

        Assert.Equal(10, (await rig.StandingAsync($"rate:{Output}")).Used);
        await rig.CommitAsync(other, "e1", Tokens(10));
        rig.Pass(TimeSpan.FromSeconds(34));
        Assert.Equal(0, (await rig.StandingAsync($"rate:{Output}")).Used);
    }

    private async Task WalkAsync((int What, int Amount, int Pause)[] steps)
    {
        var rig = new Rig(application);
        rig.Limit(Rate(Maximum, Window, Output));
        var holds = new List<Hold>();
        foreach (var (what, amount, pause) in steps)
        {
            rig.Pass(TimeSpan.FromSeconds(pause / 4.0));
            var running = holds.Find(hold => !hold.IsOver);
            switch (what)
            {
                case 0 when running is not null:
                    await rig.Holds.ReleaseAsync(rig.Account, running.Id);
                    running.End(0, rig.Clock.Now);
                    break;
                case 1 when running is not null:
                    await rig.CommitAsync(running.Id, "e1", Tokens(amount));
                    running.End(amount, rig.Clock.Now);
                    break;
                case 2 when running is not null:
                    var enlarged = await rig.Engine.EnlargeAsync(rig.Account, running.Id, [Tokens(amount)], TimeSpan.FromHours(10), CancellationToken.None);
                    Judge(enlarged!.Decision, amount, holds);
                    running.Add(enlarged.Decision, amount);
                    break;
                default:
                    var decision = await rig.AskAsync(TimeSpan.FromHours(10), "chat", Tokens(amount));
                    Judge(decision, amount, holds);
                    if (decision.IsAllowed)
                    {
                        holds.Add(new Hold(decision.HoldId!.Value));
                        holds[^1].Add(decision, amount);
                    }
                    else
                    {
                        await AssertPromiseAsync(rig, decision, amount, holds);
                    }

                    break;
            }
        }
    }

    private static void Judge(Decision decision, int amount, List<Hold> holds)
    {
        Assert.False(decision.IsDegraded);
        var counted = holds.SelectMany(hold => hold.Counted).ToList();
        if (decision.IsAllowed)
        {
            // What was used beyond an estimate is a debt; a call may only pass beside what leaves it room.
            var inWindow = counted.Where(part => part.At > decision.At - Window + Tolerance).Sum(part => part.Amount);
            Assert.True(inWindow + amount <= Maximum, $"{amount} passed beside {inWindow}.");
        }
        else
        {
            var kept = counted.Where(part => part.At > decision.At - Window - Cell - Tolerance).Sum(part => part.Amount);
            Assert.True(kept + amount > Maximum, $"{amount} was refused beside {kept}.");
        }
    }

    // When it says that there will be room, there is.
    private static async Task AssertPromiseAsync(Rig rig, Decision decision, int amount, List<Hold> holds)
    {
        rig.Pass(decision.RefusedBy!.Value.ResetsAt!.Value - decision.At + Tolerance);
        var again = await rig.AskAsync(TimeSpan.FromHours(10), "chat", Tokens(amount));
        Assert.True(again.IsAllowed);
        Judge(again, amount, holds);
        holds.Add(new Hold(again.HoldId!.Value));
        holds[^1].Add(again, amount);
    }

    private sealed class Hold(Guid id)
    {
        internal Guid Id { get; } = id;

        internal bool IsOver { get; private set; }

        internal List<(DateTimeOffset At, long Amount)> Counted { get; } = [];

        internal void Add(Decision decision, long amount)
        {
            if (decision.IsAllowed)
            {
                Counted.Add((decision.At, amount));
            }
        }

        // More is counted now; less is taken from what was counted last.
        internal void End(long used, DateTimeOffset now)
        {
            IsOver = true;
            var more = used - Counted.Sum(part => part.Amount);
            if (more > 0)
            {
                Counted.Add((now, more));
            }

            for (var index = Counted.Count - 1; index >= 0 && more < 0; index--)
            {
                var part = Math.Min(-more, Counted[index].Amount);
                Counted[index] = (Counted[index].At, Counted[index].Amount - part);
                more += part;
            }
        }
    }
}
