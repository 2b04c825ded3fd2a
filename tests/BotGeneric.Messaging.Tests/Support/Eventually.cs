using System.Diagnostics;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>Waits for a condition, and fails when it does not come true in time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);

    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> accept, string what)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (accept(value))
                return value;
            if (clock.Elapsed > Timeout)
                throw new Xunit.Sdk.XunitException($"{what}: not within {Timeout.TotalSeconds} s; the last value was {value}.");
            await Task.Delay(25);
        }
    }

    public static Task EqualAsync<T>(T expected, Func<Task<T>> read, string what) =>
        GetAsync(read, value => EqualityComparer<T>.Default.Equals(value, expected), $"{what} = {expected}");
}
