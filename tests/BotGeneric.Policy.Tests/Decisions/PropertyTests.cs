using CsCheck;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>Whatever happens to an account, in whatever order: the engine does what the model does.</summary>
public sealed class PropertyTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (12, StepKind.Ask), (4, StepKind.AskForLess), (5, StepKind.CommitPart), (8, StepKind.Commit), (4, StepKind.Enlarge), (2, StepKind.Prolong), (4, StepKind.Release),
        (5, StepKind.Pass), (2, StepKind.JumpBack), (4, StepKind.Record), (6, StepKind.RecordHold), (2, StepKind.Correct), (8, StepKind.Deliver), (1, StepKind.Lose), (2, StepKind.ChangeMaximum),
        (2, StepKind.ChangeSet), (3, StepKind.Renew));

    private static readonly Gen<Step[]> Steps =
        Gen.Select(Kinds, Gen.Int[0, 1_000], Gen.Int[0, 100], (kind, which, amount) => new Step(kind, which, amount)).Array[1, 40];

    [Fact]
    public Task Any_order_of_what_can_happen_to_an_account_leaves_it_as_the_model_says() => Steps.SampleAsync(
        steps => new Walk(new Rig(application)).RunAsync(steps), time: 25, threads: 2, print: steps => string.Join(",\n", steps.AsEnumerable()));
}
