using System.ComponentModel.DataAnnotations;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Policy.Limits;

/// <summary>Keys under <c>Policy</c>.</summary>
public sealed class PolicyOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy";

    /// <summary>What every account has, with or without a subscription.</summary>
    public IList<Entitlement> Free { get; } = [];

    /// <summary>What entitlements of plans and the free allowance say while the counters cannot be reached.</summary>
    [EnumDataType(typeof(FailureMode))]
    public FailureMode PlanFailureMode { get; set; } = FailureMode.Deny;

    /// <summary>Units that they let pass then in each process for each account, under <see cref="FailureMode.AllowThenDeny"/>.</summary>
    [Range(0, CompiledLimit.LargestAmount)]
    public long PlanAllowWhileDown { get; set; }

    /// <summary>Compiled limits kept in each process, at most.</summary>
    [Range(1, 10_000_000)]
    public int CompiledCapacity { get; set; } = 20_000;

    /// <summary>How long compiled limits are kept, when nothing changes them earlier.</summary>
    [DurationRange("00:00:01", "01:00:00")]
    public TimeSpan CompiledLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How old compiled limits may become while the database is away. Default 1 hour; zero: never older than otherwise.</summary>
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan CompiledLifetimeWhileAway { get; set; } = TimeSpan.FromHours(1);

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
