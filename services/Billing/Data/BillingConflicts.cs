using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Data;

/// <summary>
/// What passes when it is done again: two who change the same rows, and a connection that broke. EF Core wraps some of it as an outage and some of it as a failed
/// update, so it is told by what lies underneath.
/// </summary>
internal static class BillingConflicts
{
    /// <summary>How often something is tried before it counts as failed.</summary>
    internal const int MaximumTries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    /// <summary>Whether somebody else has changed the same rows meanwhile; done again from the beginning, it starts from theirs.</summary>
    /// <param name="exception">What went wrong.</param>
    internal static bool IsConflict(Exception exception) => Chain(exception).Any(cause =>
        cause is DbUpdateConcurrencyException
            or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure });

    /// <summary>Whether the same statements may succeed when they are sent again: a deadlock was broken at our cost, or the database was away.</summary>
    /// <param name="exception">What went wrong.</param>
    internal static bool IsPassing(Exception exception) => Chain(exception).Any(cause => cause is NpgsqlException { IsTransient: true });

    /// <summary>Does something until it meets nobody, up to five times.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="attempt">What is done: each time from the beginning, in a context and a transaction of its own, and safe to repeat when a commit's answer is lost.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting between two.</param>
    internal static Task<T> RetryAsync<T>(Func<Task<T>> attempt, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        RetryAsync(attempt, exception => IsConflict(exception) || IsPassing(exception), timeProvider, cancellationToken);

    /// <summary>As above, for failures that are chosen.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="attempt">What is done.</param>
    /// <param name="mayHelp">After which failures it is done again.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting between two.</param>
    internal static async Task<T> RetryAsync<T>(
        Func<Task<T>> attempt, Func<Exception, bool> mayHelp, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await attempt();
            }
            catch (Exception exception) when (tried < MaximumTries && !cancellationToken.IsCancellationRequested && mayHelp(exception))
            {
                // Not at once and not together: whoever was in the way has to come to an end.
                await Task.Delay(Pause * Math.Pow(2, tried - 1) * (0.5 + Random.Shared.NextDouble()), timeProvider, cancellationToken);
            }
        }
    }

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
