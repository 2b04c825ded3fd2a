using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace BotGeneric.ServiceDefaults.Validation;

/// <summary>
/// How long a duration in the configuration may be. In place of <see cref="RangeAttribute"/>, which converts its limits when it is first asked, and not safely
/// by two hosts in one process at once.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class DurationRangeAttribute : ValidationAttribute
{
    /// <summary>Says how long.</summary>
    /// <param name="minimum">The shortest, such as <c>00:00:01</c> or <c>7.00:00:00</c>.</param>
    /// <param name="maximum">The longest.</param>
    /// <exception cref="FormatException">One of the two is not a duration.</exception>
    /// <exception cref="ArgumentException">The longest is shorter than the shortest.</exception>
    public DurationRangeAttribute(string minimum, string maximum)
        : base("The field {0} must be between {1} and {2}.")
    {
        Minimum = TimeSpan.Parse(minimum, CultureInfo.InvariantCulture);
        Maximum = TimeSpan.Parse(maximum, CultureInfo.InvariantCulture);
        if (Maximum < Minimum)
        {
            throw new ArgumentException($"{maximum} is shorter than {minimum}.", nameof(maximum));
        }
    }

    /// <summary>The shortest.</summary>
    public TimeSpan Minimum { get; }

    /// <summary>The longest.</summary>
    public TimeSpan Maximum { get; }

    /// <summary>Whether a value is a duration within the limits. None at all is: whether there must be one is for <see cref="RequiredAttribute"/>.</summary>
    /// <param name="value">The value.</param>
    public override bool IsValid(object? value) => value is null || (value is TimeSpan duration && duration >= Minimum && duration <= Maximum);

    /// <inheritdoc />
    public override string FormatErrorMessage(string name) => string.Format(CultureInfo.InvariantCulture, ErrorMessageString, name, Minimum, Maximum);
}
