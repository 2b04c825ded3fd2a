namespace BotGeneric.Identity.Domain;

/// <summary>The deletion of a person: asked for, due after the days of grace, then done by every service, each of which says so.</summary>
public sealed class Erasure
{
    private Erasure()
    {
    }

    /// <summary>The deletion.</summary>
    public Guid Id { get; private init; }

    /// <summary>The person.</summary>
    public Guid UserId { get; private init; }

    /// <summary>When it was asked for, UTC.</summary>
    public DateTimeOffset RequestedAt { get; private init; }

    /// <summary>When the days of grace are over, UTC.</summary>
    public DateTimeOffset DueAt { get; private init; }

    /// <summary>When it was called off, UTC.</summary>
    public DateTimeOffset? CancelledAt { get; private set; }

    /// <summary>When every service was told, UTC.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When the last of them had answered, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Asks for it.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="grace">The days of grace.</param>
    public static Erasure Request(Guid userId, DateTimeOffset now, TimeSpan grace) =>
        new() { Id = Guid.CreateVersion7(now), UserId = userId, RequestedAt = now, DueAt = now + grace };

    /// <summary>Calls it off; one that has started goes on.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <returns>Whether it is called off.</returns>
    public bool Cancel(DateTimeOffset now)
    {
        if (StartedAt is not null)
        {
            return false;
        }

        CancelledAt ??= now;
        return true;
    }

    /// <summary>Every service is told; telling them again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Start(DateTimeOffset now) => StartedAt ??= now;

    /// <summary>Every service has answered; saying so again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Complete(DateTimeOffset now) => CompletedAt ??= now;
}

/// <summary>A service's answer that it has erased a person.</summary>
/// <param name="userId">The person.</param>
/// <param name="service">The service.</param>
/// <param name="at">When, UTC.</param>
public sealed class ErasureAcknowledgement(Guid userId, string service, DateTimeOffset at)
{
    /// <summary>The person.</summary>
    public Guid UserId { get; private init; } = userId;

    /// <summary>The service.</summary>
    public string Service { get; private init; } = service;

    /// <summary>When, UTC.</summary>
    public DateTimeOffset At { get; private init; } = at;
}
