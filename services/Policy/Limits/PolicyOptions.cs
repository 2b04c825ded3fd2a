using System.ComponentModel.DataAnnotations;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Policy.Limits;

/// <summary>Keys under <c>Policy</c>.</summary>
public sealed class PolicyOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy";

    /// <summary>What every account has, with or without a subscription.</summary>
    public IList<Entitlement> Free { get; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var index = 0; index < Free.Count; index++)
        {
            if (!Meters.All.Contains(Free[index].Meter) || !LimitWindows.All.Contains(Free[index].Window) || Free[index].Limit < 0)
            {
                yield return new ValidationResult(
                    $"Policy:Free:{index}: Meter is one of {string.Join(", ", Meters.All)}; Window is one of {string.Join(", ", LimitWindows.All)}; Limit is 0 or more.");
            }
        }
    }
}
