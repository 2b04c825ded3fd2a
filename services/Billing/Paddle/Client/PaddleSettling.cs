namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Finds out what became of a call whose outcome is unknown, by reading again until the effect shows or the time is over. What was sent may
/// still be on its way when it is looked for first.
/// </summary>
/// <param name="timeProvider">The clock.</param>
public sealed class PaddleSettling(TimeProvider timeProvider)
{
    // Half a minute in all: longer than Paddle lets a call run.
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(15)];

    /// <summary>Reads one entity until it shows the effect.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="read">Reads it.</param>
    /// <param name="shows">Whether it shows the effect.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>
    /// The entity that shows the effect; <see cref="PaddleOutcome.Unavailable"/> when it was read to the end and never did: then it was not done,
    /// and may be done again. <see cref="PaddleOutcome.Unknown"/> when the last look was not possible.
    /// </returns>
    public Task<PaddleResult<T>> ReadUntilAsync<T>(
        Func<CancellationToken, Task<PaddleResult<T>>> read, Func<T, bool> shows, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(shows);
        return LookAsync(
            async () =>
            {
                var result = await read(cancellationToken);
                return result.Failure is { IsNotFound: false } failure ? new Look<T>(null, failure) : new Look<T>(result.Value is { } value && shows(value) ? value : null, null);
            },
            cancellationToken);
    }

    /// <summary>Goes through a list until one entity shows the effect, such as by our reference in its custom data.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="list">Lists what it may be among: narrow it by a filter.</param>
    /// <param name="shows">Whether it is the one.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>As <see cref="ReadUntilAsync{T}"/>.</returns>
    public Task<PaddleResult<T>> FindAsync<T>(Func<IAsyncEnumerable<T>> list, Func<T, bool> shows, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(shows);
        return LookAsync(
            async () =>
            {
                try
                {
                    return new Look<T>(await list().FirstOrDefaultAsync(shows, cancellationToken), null);
                }
                catch (PaddleException exception)
                {
                    return new Look<T>(null, exception.Failure);
                }
            },
            cancellationToken);
    }

    private async Task<PaddleResult<T>> LookAsync<T>(Func<Task<Look<T>>> look, CancellationToken cancellationToken)
        where T : class
    {
        PaddleFailure? last = null;
        foreach (var pause in Pauses)
        {
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, timeProvider, cancellationToken);
            }

            var seen = await look();
            if (seen.Found is { } found)
            {
                return found;
            }

            last = seen.Failure;
        }

        return last is null ? new PaddleFailure(PaddleOutcome.Unavailable) : last with { Outcome = PaddleOutcome.Unknown };
    }

    private sealed record Look<T>(T? Found, PaddleFailure? Failure);
}
