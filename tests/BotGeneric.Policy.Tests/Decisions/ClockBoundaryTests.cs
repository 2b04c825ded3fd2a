using BotGeneric.Policy.Compilation;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>At the end of a window the clock that counts and this process' are in different ones, and that keeps nobody out.</summary>
public sealed class ClockBoundaryTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    [Theory]
    [InlineData(15)]
    [InlineData(-15)]
    public async Task A_window_that_ends_there_and_not_here_is_followed_at_once(int ahead)
    {
        for (var round = 0; round < 20; round++)
        {
            var rig = new Rig(application);
            rig.Limit(Quota(10));
            Assert.True((await rig.AskAsync(Requests())).IsAllowed);

            // So little that it is not taken over from an answer.
            rig.Pass(TimeSpan.FromMilliseconds(ahead));
            var paid = rig.Clock.Now.AddMilliseconds(ahead / 2).AddTicks(5);
            rig.Compile(subject => new CompiledAccount
            {
                Subject = subject,
                Limits = [Quota(10, window: LimitWindowKind.BillingPeriod)],
                Period = new BillingPeriod(paid, paid.AddDays(30)),
            });

            var decision = await rig.AskAsync(Requests());

            Assert.Equal((true, false), (decision.IsAllowed, decision.IsDegraded));
        }
    }

    [Fact]
    public void A_window_ends_with_the_first_millisecond_outside_of_it()
    {
        var end = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

        Assert.Equal(1_800_000_000_000, new CountedWindow(end.AddDays(-1), end, end).EndMilliseconds);
        Assert.Equal(1_800_000_000_001, new CountedWindow(end.AddDays(-1), end.AddTicks(1), end).EndMilliseconds);
        Assert.Equal(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), new CountedWindow(end, DateTimeOffset.MaxValue, end).EndMilliseconds);
    }
}
