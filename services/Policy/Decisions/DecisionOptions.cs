using System.ComponentModel.DataAnnotations;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.ServiceDefaults.Validation;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Decisions;

/// <summary>Keys under <c>Policy:Decisions</c>.</summary>
public sealed class DecisionOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy:Decisions";

    private Pattern[]? _features;

    /// <summary>How long a hold lasts when the caller does not say. Default 2 minutes.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Decisions:HoldLifetime must be between 1 second and 1 day.")]
    public TimeSpan HoldLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest time that a hold may be asked for at once. Default 1 hour.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Decisions:LongestHold must be between 1 second and 1 day.")]
    public TimeSpan LongestHold { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a finished hold is remembered, for repetitions and for usage that is reported late. What was committed and is not in the ledger by then counts no
    /// more. Default 1 day.
    /// </summary>
    [DurationRange("00:01:00", "7.00:00:00", ErrorMessage = "Policy:Decisions:RememberHolds must be between 1 minute and 7 days.")]
    public TimeSpan RememberHolds { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The features that there are, each a name or a beginning followed by <c>*</c>; a call for any other is refused. Empty: every name is one.</summary>
    public IList<string> Features { get; } = [];

    /// <summary>How many calls of one account may be held at the same time; beyond it a call is refused. It bounds the memory that one account can take. Default 100,000.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Policy:Decisions:HoldsAtOnce must be from 1 to 10000000.")]
    public int HoldsAtOnce { get; set; } = 100_000;

    /// <summary>How many finished holds of one account are remembered; beyond it the oldest are forgotten earlier than <see cref="RememberHolds"/> says. Default 100,000.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Policy:Decisions:HoldsRemembered must be from 1 to 10000000.")]
    public int HoldsRemembered { get; set; } = 100_000;

    /// <summary>What is held of a unit that a limit counts and the caller says nothing about.</summary>
    [ValidateObjectMembers]
    public AssumedEstimate Assumed { get; set; } = new();

    /// <summary>After Redis did not answer, how long it is left alone. Default 1 second.</summary>
    [DurationRange("00:00:00.0100000", "00:01:00", ErrorMessage = "Policy:Decisions:RedisPause must be between 10 milliseconds and 1 minute.")]
    public TimeSpan RedisPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether there is such a feature.</summary>
    /// <param name="feature">Its name.</param>
    public bool Knows(string feature)
    {
        _features ??= [.. Features.Select(name => Pattern.TryParse(name)!)];
        return _features.Length == 0 || Array.Exists(_features, pattern => pattern.Matches(feature));
    }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var index = 0; index < Features.Count; index++)
        {
            if (string.IsNullOrEmpty(Features[index]) || Pattern.TryParse(Features[index]) is null)
            {
                yield return new ValidationResult($"Policy:Decisions:Features:{index}: send a name of at most {Pattern.MaximumLength} characters, or a beginning followed by *.");
            }
        }
    }
}

/// <summary>Keys under <c>Policy:Decisions:Assumed</c>: what a call is taken to need of what it does not name. Less is held where less is left, one unit at least.</summary>
public sealed class AssumedEstimate
{
    /// <summary>Tokens sent to the model. Default 500.</summary>
    [Range(1, CompiledLimit.LargestAmount, ErrorMessage = "Policy:Decisions:Assumed:InputTokens must be a positive number.")]
    public long InputTokens { get; set; } = 500;

    /// <summary>Tokens that the model produces. Default 500.</summary>
    [Range(1, CompiledLimit.LargestAmount, ErrorMessage = "Policy:Decisions:Assumed:OutputTokens must be a positive number.")]
    public long OutputTokens { get; set; } = 500;

    /// <summary>Money, in whichever currency a budget is. Default 0.01.</summary>
    [Range(0.000000001, 4_000_000, ErrorMessage = "Policy:Decisions:Assumed:Cost must be from 0.000000001 to 4000000.")]
    public decimal Cost { get; set; } = 0.01m;

    /// <summary>What is assumed of a unit; 0 for what the caller always names.</summary>
    internal long Of(string unit) => unit switch
    {
        Meters.InputTokens => InputTokens,
        Meters.OutputTokens => OutputTokens,
        _ => Units.IsMoney(unit) ? Amounts.FromDecimal(LimitKind.Budget, Cost) : 0,
    };
}
