using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;

namespace BotGeneric.Simulators.Paddle.Clock;

/// <summary>Does what is due, in the order in which it is due. Guarded by the world's lock.</summary>
/// <param name="world">Knows what there is.</param>
/// <param name="lifecycle">Renews, pauses, resumes and ends.</param>
/// <param name="dunning">Tries unpaid bills again.</param>
/// <param name="adjustments">Decides about refunds.</param>
internal sealed class PaddleSchedule(PaddleWorld world, SubscriptionLifecycle lifecycle, DunningProcess dunning, AdjustmentFlow adjustments)
{
    /// <summary>Does what is due by now.</summary>
    /// <returns>How much it was.</returns>
    public int RunDue() => AdvanceTo(world.Clock.Now);

    /// <summary>Moves the clock, stopping wherever something is due.</summary>
    /// <param name="target">Until when.</param>
    /// <returns>How much was due.</returns>
    public int AdvanceTo(DateTimeOffset target)
    {
        var count = 0;
        while (Next() is { } next && next.At <= target)
        {
            world.Clock.MoveTo(next.At);
            next.Run();
            count++;
        }

        world.Clock.MoveTo(target);
        return count;
    }

    private Due? Next()
    {
        Due? first = null;
        foreach (var subscription in world.Subscriptions.All)
        {
            Consider(Of(subscription));
        }

        foreach (var adjustment in world.Adjustments.All)
        {
            if (adjustment.DecidedAt is { } at)
            {
                Consider(new Due(at, () => adjustments.Decide(world.Adjustments.Touch(adjustment))));
            }
        }

        return first;

        void Consider(Due? due)
        {
            if (due is not null && (first is null || due.At < first.At))
            {
                first = due;
            }
        }
    }

    private Due? Of(Subscription subscription)
    {
        if (!subscription.IsLive)
        {
            return null;
        }

        if (subscription.ScheduledChange is { } change && (subscription.Dunning is null || change.EffectiveAt <= subscription.Dunning.NextAt))
        {
            return new Due(change.EffectiveAt, () => lifecycle.ApplyScheduled(world.Subscriptions.Touch(subscription)));
        }

        if (subscription.Dunning is { } unpaid)
        {
            return new Due(unpaid.NextAt, () => dunning.Continue(world.Subscriptions.Touch(subscription)));
        }

        return subscription.NextBilledAt is { } renewal ? new Due(renewal, () => lifecycle.Renew(world.Subscriptions.Touch(subscription))) : null;
    }

    private sealed record Due(DateTimeOffset At, Action Run);
}
