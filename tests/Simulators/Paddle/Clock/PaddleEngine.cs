using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.Persistence;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Clock;

/// <summary>Runs one thing at a time: first what is due, then what was asked for; then it is written down, and its events go out.</summary>
/// <param name="world">The lock.</param>
/// <param name="schedule">What is due.</param>
/// <param name="events">What happened.</param>
/// <param name="journal">Where it is written down.</param>
internal sealed class PaddleEngine(PaddleWorld world, PaddleSchedule schedule, EventLog events, WorldJournal journal)
{
    public T Run<T>(Func<T> work)
    {
        lock (world.Gate)
        {
            try
            {
                schedule.RunDue();
                return work();
            }
            finally
            {
                // Nobody delivers before the lock is free, and nobody is answered.
                events.Flush();
                journal.Write();
            }
        }
    }

    /// <summary>Does what is due now.</summary>
    public void Tick() => Run(() => 0);
}

/// <summary>Lets time pass when nobody calls.</summary>
/// <param name="engine">Does what is due.</param>
/// <param name="timeProvider">The machine's clock.</param>
internal sealed class PaddleHeartbeat(PaddleEngine engine, TimeProvider timeProvider) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            engine.Tick();
        }
    }
}
