using BotGeneric.Contracts;

namespace BotGeneric.Policy.Domain;

/// <summary>A calendar window in UTC.</summary>
/// <param name="Start">The first day.</param>
/// <param name="End">The day after the last.</param>
public readonly record struct LimitWindow(DateOnly Start, DateOnly End)
{
    /// <summary>When the window begins.</summary>
    public DateTimeOffset StartsAt => new(Start, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>When the next window begins and the allowance is whole again.</summary>
    public DateTimeOffset ResetsAt => new(End, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>The window of a kind that a moment lies in.</summary>
    /// <param name="window">One of <see cref="LimitWindows"/>.</param>
    /// <param name="at">The moment.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown.</exception>
    public static LimitWindow Containing(string window, DateTimeOffset at)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var month = new DateOnly(day.Year, day.Month, 1);
        return window switch
        {
            LimitWindows.Day => new LimitWindow(day, day.AddDays(1)),
            LimitWindows.Month => new LimitWindow(month, month.AddMonths(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(window), window, "Unknown window."),
        };
    }
}
