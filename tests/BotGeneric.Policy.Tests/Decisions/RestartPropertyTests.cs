using BotGeneric.Testing;
using CsCheck;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The same walks as those of <see cref="PropertyTests"/>, in which the real process of Redis is killed and begun again in between.</summary>
public sealed class RestartPropertyTests(OutageApplication application) : IClassFixture<OutageApplication>
{
    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (12, StepKind.Ask), (4, StepKind.CommitPart), (6, StepKind.Commit), (3, StepKind.Enlarge), (3, StepKind.Release), (3, StepKind.Pass), (1, StepKind.JumpBack), (4, StepKind.Record),
        (5, StepKind.RecordHold), (6, StepKind.Deliver), (3, StepKind.Lose), (2, StepKind.ChangeMaximum), (2, StepKind.Renew));

    private static readonly Gen<Step[]> Steps =
        Gen.Select(Kinds, Gen.Int[0, 1_000], Gen.Int[0, 100], (kind, which, amount) => new Step(kind, which, amount)).Array[5, 30];

    [Fact]
    public Task Whatever_happens_before_and_after_a_restart_of_Redis_the_account_is_as_the_model_says() => Steps.SampleAsync(
        async steps =>
        {
            var rig = new Rig(application);
            await new Walk(rig, () => RestartAsync(rig)).RunAsync(steps);
        },
        time: 20, threads: 1, print: steps => string.Join(",\n", steps.AsEnumerable()));

    private async Task RestartAsync(Rig rig)
    {
        await application.Redis.KillAsync();
        await application.Redis.StartAsync();
        await Eventually.GetAsync(() => rig.AskAsync(Requests(0)), decision => !decision.IsDegraded, "the counters to be back");
    }
}
