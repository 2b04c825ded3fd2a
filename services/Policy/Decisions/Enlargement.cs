using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Decisions;

/// <summary>What an enlargement was answered.</summary>
internal sealed record Enlargement(Question Question, AuthorizeScript.Answer Answer, LimitOutcome[] Before, bool IsPlatforms)
{
    internal EnlargedHold? ToHold(DecisionRequest request, Guid holdId)
    {
        if (Answer.Status == AuthorizeStatus.Gone)
        {
            return null;
        }

        var decision = Question.ToDecision(Answer, Before, holdId, IsPlatforms ? Question.Platform : Question.Account);
        return new EnlargedHold(IsPlatforms ? decision with { Reason = DecisionReasons.PlatformBusy } : decision, request);
    }
}

/// <summary>The decision about the enlargement of a hold.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Request">What was asked, with what the hold is about.</param>
public sealed record EnlargedHold(Decision Decision, DecisionRequest Request);
