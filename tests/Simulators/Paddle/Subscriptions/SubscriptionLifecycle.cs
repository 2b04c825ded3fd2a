using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary>What happens to a subscription, with the documented events in their order. Guarded by the world's lock.</summary>
/// <param name="world">Keeps it.</param>
/// <param name="events">Tells of it.</param>
/// <param name="collection">Bills it.</param>
/// <param name="flow">The steps of its bills.</param>
internal sealed class SubscriptionLifecycle(PaddleWorld world, EventLog events, SubscriptionCollection collection, TransactionFlow flow)
{
    public static IReadOnlyList<LineInput> RecurringLines(Subscription subscription) =>
        [.. subscription.Items.Select(item => new LineInput(item.Price, item.Product, item.Quantity))];

    /// <summary>Starts a subscription with what was bought.</summary>
    public Subscription Start(Transaction transaction)
    {
        var now = world.Clock.Stamp();
        var recurring = transaction.Lines.Where(line => line.Price.BillingCycle is not null).ToArray();
        var cycle = recurring[0].Price.BillingCycle!;
        var trial = recurring[0].Price.TrialPeriod;
        var period = new BillingPeriod(now, (trial ?? cycle).After(now, now.Day));
        var subscription = new Subscription
        {
            Id = world.Ids.New("sub"),
            Status = trial is null ? Statuses.Active : Statuses.Trialing,
            CustomerId = transaction.CustomerId!,
            AddressId = transaction.AddressId!,
            CurrencyCode = transaction.CurrencyCode,
            BillingCycle = cycle,
            CreatedAt = now,
            UpdatedAt = now,
            StartedAt = now,
            FirstBilledAt = trial is null ? now : null,
            NextBilledAt = period.EndsAt,
            CurrentBillingPeriod = period,
            CustomData = PaddleJson.Clone(transaction.CustomData),
            Country = flow.CountryOf(transaction)!,
            AnchorDay = now.Day,
            Items =
            [
                .. recurring.Select(line => new SubscriptionItem(
                    trial is null ? Statuses.Active : Statuses.Trialing, line.Quantity, true, now, now, trial is null ? now : null, period.EndsAt,
                    trial is null ? null : period, line.Price, line.Product)),
            ],
        };
        world.Subscriptions.Add(subscription);
        events.EmitCreated(subscription, transaction.Id);
        events.Emit(subscription, trial is null ? "activated" : "trialing");
        return subscription;
    }

    /// <summary>Starts the next period, whether it will be paid or not, and bills it.</summary>
    public Transaction Renew(Subscription subscription)
    {
        var start = subscription.CurrentBillingPeriod!.EndsAt;
        var wasTrial = subscription.Status == Statuses.Trialing;
        if (wasTrial)
        {
            (subscription.FirstBilledAt, subscription.AnchorDay) = (start, start.Day);
        }

        BeginPeriod(subscription, start);
        Tell(subscription, "updated");
        return BillPeriod(subscription, wasTrial);
    }

    /// <summary>The present period ends now, and the next one begins: for who will not wait for the day.</summary>
    public Transaction RenewNow(Subscription subscription)
    {
        subscription.CurrentBillingPeriod = subscription.CurrentBillingPeriod! with { EndsAt = world.Clock.Now };
        return Renew(subscription);
    }

    public void PauseNow(Subscription subscription, DateTimeOffset? resumeAt)
    {
        CancelUnpaid(subscription);
        subscription.InterruptedPeriod = subscription.CurrentBillingPeriod;
        var now = world.Clock.Stamp();
        (subscription.Status, subscription.PausedAt, subscription.CurrentBillingPeriod) = (Statuses.Paused, now, null);
        subscription.ScheduledChange = resumeAt is { } at ? new ScheduledChange("resume", at, null) : null;
        SetNextBilled(subscription, null);
        Tell(subscription, "updated", "paused");
    }

    /// <summary>Goes on after a pause: with a new period that is billed now, or with the rest of the one that was paid.</summary>
    public void ResumeNow(Subscription subscription)
    {
        var now = world.Clock.Stamp();
        var rest = subscription.InterruptedPeriod;
        var goesOn = subscription.OnResume == ResumeModes.ContinueExistingBillingPeriod && rest is not null && rest.EndsAt > now;
        (subscription.Status, subscription.PausedAt, subscription.ScheduledChange, subscription.InterruptedPeriod) = (Statuses.Active, null, null, null);
        subscription.OnResume = ResumeModes.StartNewBillingPeriod;
        if (goesOn)
        {
            subscription.CurrentBillingPeriod = rest;
            SetNextBilled(subscription, rest!.EndsAt);
            Tell(subscription, "updated", "resumed");
            return;
        }

        subscription.AnchorDay = now.Day;
        BeginPeriod(subscription, now);
        Tell(subscription, "updated", "resumed");
        BillPeriod(subscription, wasTrial: false);
    }

    public void CancelNow(Subscription subscription)
    {
        CancelUnpaid(subscription);
        (subscription.Status, subscription.CanceledAt) = (Statuses.Canceled, world.Clock.Stamp());
        (subscription.CurrentBillingPeriod, subscription.ScheduledChange, subscription.PausedAt) = (null, null, null);
        SetNextBilled(subscription, null);
        Tell(subscription, "updated", "canceled");
    }

    /// <summary>Plans a pause or a cancellation for the end of the period.</summary>
    public void Schedule(Subscription subscription, string action, DateTimeOffset? resumeAt)
    {
        subscription.ScheduledChange = new ScheduledChange(action, subscription.CurrentBillingPeriod!.EndsAt, resumeAt);
        if (action == "cancel")
        {
            SetNextBilled(subscription, null);
        }

        Tell(subscription, "updated");
    }

    /// <summary>Forgets what was planned.</summary>
    public static void Unschedule(Subscription subscription)
    {
        subscription.ScheduledChange = null;
        if (subscription.CurrentBillingPeriod is { } period)
        {
            SetNextBilled(subscription, period.EndsAt);
        }
    }

    /// <summary>Does what was planned.</summary>
    public void ApplyScheduled(Subscription subscription)
    {
        var change = subscription.ScheduledChange!;
        subscription.ScheduledChange = null;
        switch (change.Action)
        {
            case "cancel":
                CancelNow(subscription);
                break;
            case "pause":
                PauseNow(subscription, change.ResumeAt);
                break;
            default:
                ResumeNow(subscription);
                break;
        }
    }

    /// <summary>Ends a trial early: the first bill is drawn now.</summary>
    public void Activate(Subscription subscription) => RenewNow(subscription);

    /// <summary>An unpaid bill leaves the subscription past due.</summary>
    public void FallBehind(Subscription subscription, Transaction unpaid)
    {
        subscription.Dunning = new Dunning(unpaid.Id, world.Clock.Now, 0);
        subscription.Status = Statuses.PastDue;
        Tell(subscription, "updated", "past_due");
    }

    public void Tell(Subscription subscription, params ReadOnlySpan<string> names)
    {
        subscription.UpdatedAt = world.Clock.Stamp();
        events.Emit(subscription, names);
    }

    public static void SetNextBilled(Subscription subscription, DateTimeOffset? at)
    {
        subscription.NextBilledAt = at;
        subscription.Items = [.. subscription.Items.Select(item => item with { NextBilledAt = at })];
    }

    private void BeginPeriod(Subscription subscription, DateTimeOffset start)
    {
        var period = new BillingPeriod(start, subscription.BillingCycle.After(start, subscription.AnchorDay));
        (subscription.Status, subscription.CurrentBillingPeriod, subscription.NextBilledAt) = (Statuses.Active, period, period.EndsAt);
        subscription.Items =
        [
            .. subscription.Items.Select(item => item with
            {
                Status = Statuses.Active, PreviouslyBilledAt = start, NextBilledAt = period.EndsAt, UpdatedAt = start,
            }),
        ];
    }

    private Transaction BillPeriod(Subscription subscription, bool wasTrial)
    {
        LineInput[] lines = [.. RecurringLines(subscription), .. subscription.NextBillLines];
        subscription.NextBillLines.Clear();
        var transaction = collection.Collect(subscription, lines, Origins.Recurring, subscription.CurrentBillingPeriod);
        if (transaction.Status == Statuses.PastDue)
        {
            FallBehind(subscription, transaction);
        }
        else if (wasTrial)
        {
            Tell(subscription, "activated");
        }

        return transaction;
    }

    private void CancelUnpaid(Subscription subscription)
    {
        if (subscription.Dunning is { } dunning && world.Transactions.TryFind(dunning.TransactionId, out var unpaid))
        {
            flow.Cancel(unpaid);
        }

        subscription.Dunning = null;
    }
}
