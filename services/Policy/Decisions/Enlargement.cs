namespace BotGeneric.Policy.Decisions;

/// <summary>What an enlargement was answered.</summary>
internal sealed record Enlargement(Question Question, AuthorizeScript.Answer Answer, LimitOutcome[] Before, bool IsPlatforms)
{
    internal EnlargedHold? ToHold(DecisionRequest request, Guid holdId, HoldStatus hold)
    {
        if (Answer.Status == AuthorizeStatus.Gone)
        {
            return null;
        }

        return new EnlargedHold(IsPlatforms ? Question.ToPlatformRefusal(Answer) : Question.ToDecision(Answer, Before, holdId, Question.Account, hold.Units), request);
    }
}

/// <summary>The decision about the enlargement of a hold.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Request">What was asked, with what the hold is about.</param>
public sealed record EnlargedHold(Decision Decision, DecisionRequest Request);
