using System.Globalization;
using System.Text.Json;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>
/// A payer's life as Paddle tells it: the events of each step in the documented order, each with the whole entity. It keeps a ledger of its own, to compare with.
/// </summary>
internal sealed partial class PaddleStory
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly List<StoryEvent> _events = [];
    private readonly List<StorySubscription> _subscriptions = [];
    private readonly Random _random;
    private readonly string _prefix;
    private readonly string _currency;
    private DateTimeOffset _now = new(2026, 1, 5, 10, 0, 0, TimeSpan.Zero);
    private int _ids;

    private PaddleStory(string prefix, int seed)
    {
        _prefix = prefix;
        _random = new Random(seed);
        _currency = _random.Next(4) == 0 ? "JPY" : "USD";
    }

    /// <summary>A seed with which a first purchase is paid at once, in dollars, without a trial and without a declined card.</summary>
    public static int OrdinarySeed { get; } = Enumerable.Range(0, 1000).First(seed =>
        Tell("seed", seed, [], [null]) is { Currency: "USD" } story
        && story.Events.Any(told => told.EventType == "subscription.activated")
        && story.Events.All(told => told.EventType != "transaction.payment_failed"));

    public IReadOnlyList<StoryEvent> Events => _events;

    public IReadOnlyList<string> Subscriptions => [.. _subscriptions.Select(subscription => subscription.Id)];

    public string Customer => $"ctm_{_prefix}";

    public string Currency => _currency;

    /// <summary>What was paid less what was given back, in the smallest unit.</summary>
    public long Revenue { get; private set; }

    /// <summary>Tells the story. The same seed and steps tell the same with other ids.</summary>
    /// <param name="prefix">Is part of every id.</param>
    /// <param name="seed">Decides about currencies, trials, declined cards and moments.</param>
    /// <param name="steps">What happens, and to which subscription.</param>
    /// <param name="references">What our checkouts attach, one for each subscription; null: it was not ours.</param>
    public static PaddleStory Tell(string prefix, int seed, IReadOnlyList<(StoryStep Step, int Which)> steps, IReadOnlyList<string?> references)
    {
        var story = new PaddleStory(prefix, seed);
        foreach (var reference in references)
        {
            story.Buy(reference);
        }

        foreach (var (step, which) in steps)
        {
            story.Take(step, story._subscriptions[which % story._subscriptions.Count]);
        }

        return story;
    }

    private void Take(StoryStep step, StorySubscription s)
    {
        _now = _now.AddHours(1 + _random.Next(48));
        switch (step)
        {
            case StoryStep.Renew when s.Status is "active" or "trialing":
                Renew(s);
                break;
            case StoryStep.FailToRenew when s.Status == "active":
                FailToRenew(s);
                break;
            case StoryStep.FailAgain when s.PastDue is { } again:
                again.Fail(_now, NextId("try"));
                Say("transaction.payment_failed", again);
                break;
            case StoryStep.Recover when s.PastDue is { } owed:
                Pay(owed, s);
                Change(s, "active", "subscription.activated");
                Complete(owed, s);
                s.PastDue = null;
                break;
            case StoryStep.Pause when s.Status is "active" or "past_due":
                Pause(s);
                break;
            case StoryStep.Resume when s.Status == "paused":
                (s.Status, s.PausedAt, s.Start, s.End) = ("active", null, _now, _now.AddMonths(1));
                Say("subscription.updated", s);
                Say("subscription.resumed", s, mayTie: true);
                Bill(s, "subscription_recurring", s.Price, s.Start, s.End);
                break;
            case StoryStep.Upgrade or StoryStep.Downgrade when s.Status == "active":
                s.Price = step == StoryStep.Upgrade ? BillingApplication.TeamPrice : BillingApplication.ProPrice;
                Say("subscription.updated", s);
                Bill(s, "subscription_update", s.Price, _now, s.End, AmountOf(s.Price) / 2);
                break;
            case StoryStep.ScheduleCancel when s.Status == "active":
                s.CancelsAt = s.End;
                Say("subscription.updated", s);
                break;
            case StoryStep.Refund or StoryStep.RefuseRefund when s.Paid.Find(paid => !paid.IsGivenBack) is { } paid:
                Refund(paid, s, step == StoryStep.Refund);
                break;
            case StoryStep.Warn when s.Paid.Count > 0:
                Say("adjustment.created", Adjust(s.Paid[0], s, "chargeback_warning", s.Paid[0].Amount, "approved"));
                break;
            case StoryStep.ChargeBack when s.Disputed is null && s.Paid.FindLast(paid => !paid.IsGivenBack) is { } taken:
                taken.IsGivenBack = true;
                s.Disputed = Adjust(taken, s, "chargeback", taken.Amount, "approved");
                Say("adjustment.created", s.Disputed);
                Revenue -= taken.Amount;
                break;
            case StoryStep.ReverseChargeBack or StoryStep.ReverseByStatus or StoryStep.ReverseByAdjustment when s.Disputed is { } disputed:
                Reverse(step, disputed, s);
                break;
            case StoryStep.SaveCard:
                SaveCard();
                break;
            case StoryStep.BecomeStrange when s.Status == "active":
                s.Status = "on_holiday";
                Say("subscription.updated", s);
                s.Status = "active";
                break;
            case StoryStep.Cancel when s.Status != "canceled":
                (s.CanceledAt, s.Start, s.End, s.CancelsAt, s.PastDue) = (_now, null, null, null, null);
                Change(s, "canceled", "subscription.canceled");
                break;
        }
    }

    private void Buy(string? reference)
    {
        var isTrial = _random.Next(3) == 0;
        var t = NewTransaction(null, "web", BillingApplication.ProPrice, isTrial ? 0 : AmountOf(BillingApplication.ProPrice), reference);
        t.Status = "draft";
        Say("transaction.created", t);
        if (_subscriptions.Count == 0)
        {
            SayCustomer("customer.created", "early@example.com");
        }

        (t.Status, t.CustomerId) = ("ready", Customer);
        Say("transaction.updated", t);
        Say("transaction.ready", t, mayTie: true);
        if (_random.Next(3) == 0)
        {
            t.Fail(_now, NextId("try"));
            Say("transaction.payment_failed", t);
        }

        var (start, end) = (_now, isTrial ? _now.AddDays(14) : _now.AddMonths(1));
        var s = new StorySubscription(NextId("sub"), reference, start, isTrial ? "trialing" : "active") { Start = start, End = end };
        _subscriptions.Add(s);
        Pay(t, s);
        Say("subscription.created", s);
        Say(isTrial ? "subscription.trialing" : "subscription.activated", s, mayTie: true);
        (t.PeriodStart, t.PeriodEnd, t.SubscriptionId) = (start, end, s.Id);
        Say("transaction.updated", t);
        Complete(t, s);
        SayCustomer("customer.updated", "late@example.com");
    }

    private void Renew(StorySubscription s)
    {
        var wasTrial = s.Status == "trialing";
        Advance(s);
        s.Status = "active";
        Say("subscription.updated", s);
        if (wasTrial)
        {
            Say("subscription.activated", s, mayTie: true);
        }

        Bill(s, "subscription_recurring", s.Price, s.Start, s.End);
    }

    private void FailToRenew(StorySubscription s)
    {
        Advance(s);
        Say("subscription.updated", s);
        var t = NewTransaction(s, "subscription_recurring", s.Price, AmountOf(s.Price), s.Reference);
        (t.PeriodStart, t.PeriodEnd, t.BilledAt, t.Status) = (s.Start, s.End, _now, "billed");
        Say("transaction.created", t);
        Say("transaction.billed", t, mayTie: true);
        t.Status = "past_due";
        t.Fail(_now, NextId("try"));
        Say("transaction.payment_failed", t);
        Say("transaction.past_due", t, mayTie: true);
        s.PastDue = t;
        Change(s, "past_due", "subscription.past_due");
    }

    private void Pause(StorySubscription s)
    {
        if (s.PastDue is { } owed)
        {
            owed.Status = "canceled";
            Say("transaction.canceled", owed);
            s.PastDue = null;
        }

        (s.PausedAt, s.Start, s.End, s.CancelsAt) = (_now, null, null, null);
        Change(s, "paused", "subscription.paused");
    }

    private void Refund(StoryTransaction paid, StorySubscription s, bool isApproved)
    {
        var amount = _random.Next(2) == 0 ? paid.Amount : paid.Amount / 3;
        var adjustment = Adjust(paid, s, "refund", amount, "pending_approval");
        Say("adjustment.created", adjustment);
        _now = _now.AddMinutes(10);
        Say("adjustment.updated", adjustment with { Status = isApproved ? "approved" : "rejected" });
        if (isApproved)
        {
            paid.IsGivenBack = true;
            Revenue -= amount;
        }
    }

    private void Bill(StorySubscription s, string origin, string price, DateTimeOffset? start, DateTimeOffset? end, long? amount = null)
    {
        var t = NewTransaction(s, origin, price, amount ?? AmountOf(price), s.Reference);
        (t.PeriodStart, t.PeriodEnd, t.Status, t.BilledAt) = (start, end, "billed", _now);
        Say("transaction.created", t);
        Say("transaction.billed", t, mayTie: true);
        Pay(t, s);
        Say("transaction.updated", t, mayTie: true);
        Complete(t, s);
    }

    private void Pay(StoryTransaction t, StorySubscription s)
    {
        _ = s;
        t.Status = "paid";
        t.Capture(_now, NextId("try"));
        Say("transaction.paid", t);
    }

    private void Complete(StoryTransaction t, StorySubscription s)
    {
        (t.Status, t.Invoice) = ("completed", $"7-{_ids}");
        Say("transaction.updated", t);
        Say("transaction.completed", t, mayTie: true);
        Revenue += t.Amount;
        if (t.Amount > 0)
        {
            s.Paid.Add(t);
        }
    }

    private void Change(StorySubscription s, string status, string type)
    {
        s.Status = status;
        Say("subscription.updated", s);
        Say(type, s, mayTie: true);
    }

    private void Advance(StorySubscription s)
    {
        _now = s.End!.Value.AddMinutes(_random.Next(5));
        (s.Start, s.End) = (s.End, s.End.Value.AddMonths(1));
    }

    private long AmountOf(string price) => price == BillingApplication.ProPrice ? 3000 : 9000;

    private string NextId(string kind) => $"{kind}_{_prefix}{++_ids:000}";

    // Two events of one change sometimes carry the same moment.
    private void Tick(bool mayTie)
    {
        if (!mayTie || _random.Next(3) != 0)
        {
            _now = _now.AddTicks(1 + _random.Next(20_000_000));
        }
    }

    private void Emit(string type, object entity)
    {
        // Names of events say nothing about their order.
        var id = $"evt_{_prefix}{_random.Next(1_000_000):000000}{_events.Count:000}";
        var body = JsonSerializer.Serialize(
            new { event_id = id, event_type = type, occurred_at = Time(_now), notification_id = $"ntf_{_prefix}{_events.Count:000}", data = entity }, Json);
        _events.Add(new StoryEvent(id, type, _now, body));
    }

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
