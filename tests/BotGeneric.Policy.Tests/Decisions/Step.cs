using System.Globalization;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What may happen to an account.</summary>
public enum StepKind
{
    Ask,
    AskForLess,
    CommitPart,
    Commit,
    Enlarge,
    Prolong,
    Release,
    Pass,
    JumpBack,
    Record,
    RecordHold,
    Correct,
    Deliver,
    Lose,
    ChangeMaximum,
    ChangeSet,
    Renew,
}

/// <summary>A step, with numbers that mean what the step makes of them.</summary>
public sealed record Step(StepKind Kind, int Which, int Amount)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"new(StepKind.{Kind}, {Which}, {Amount})");
}
