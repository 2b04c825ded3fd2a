using System.Diagnostics;

namespace BotGeneric.Testing;

/// <summary>Waits for a condition, not for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks until a value satisfies a condition.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="read">Reads the value.</param>
    /// <param name="condition">What the value must satisfy.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <returns>The value that did.</returns>
    /// <exception cref="TimeoutException">It did not within 2 minutes; the message holds the last value.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(condition);
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }

            if (watch.Elapsed > Limit)
            {
                throw new TimeoutException($"Waited {Limit.TotalSeconds:0} s for {what}; the last value was {value}.");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Looks until a value equals another.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="expected">What the value must become.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <returns>The value.</returns>
    /// <exception cref="TimeoutException">It did not become equal in time; the message holds the last value.</exception>
    public static Task<T> EqualAsync<T>(T expected, Func<Task<T>> read, string what) =>
        GetAsync(read, value => EqualityComparer<T>.Default.Equals(value, expected), $"{what} to be {expected}");
}
