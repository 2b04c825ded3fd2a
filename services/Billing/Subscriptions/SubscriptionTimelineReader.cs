using System.Text.Json;
using BotGeneric.Billing.Api;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Where an entry of a timeline comes from.</summary>
public enum TimelineKind
{
    /// <summary>Something that Paddle has said of the subscription.</summary>
    Event,

    /// <summary>A payment, or an attempt to get one.</summary>
    Payment,

    /// <summary>Money given back or taken back.</summary>
    Adjustment,

    /// <summary>Something that an admin did.</summary>
    Act,
}

/// <summary>One thing that has happened to a subscription.</summary>
/// <param name="At">When, UTC: by Paddle's clock for what happened there.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Id">The event, the transaction, the adjustment or the entry of the audit.</param>
/// <param name="What">The type of the event, the origin of the payment, the action.</param>
/// <param name="State">The state that it said, in our words: of the subscription, the transaction or the adjustment; null for an act.</param>
/// <param name="Outcome">For an event of Paddle's: what became of it. Null for what was read by a comparison, and for others.</param>
/// <param name="Amount">How much.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Reason">Why, or for an event that failed: why it did.</param>
/// <param name="Details">What was asked.</param>
public sealed record TimelineEntry(
    DateTimeOffset At,
    TimelineKind Kind,
    string Id,
    string What,
    string? State = null,
    WebhookEventStatus? Outcome = null,
    MoneyAmount? Amount = null,
    string? Actor = null,
    string? Reason = null,
    JsonElement? Details = null);

/// <summary>A position in a timeline.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Id">Which.</param>
internal sealed record TimelinePosition(DateTimeOffset At, TimelineKind Kind, string Id);

/// <summary>Puts what is known of a subscription from several tables into one order.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class SubscriptionTimelineReader(BillingDbContext db, Currencies currencies)
{
    /// <summary>Reads a page, newest first.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="after">The position that it follows; null: from the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    internal async Task<IReadOnlyList<TimelineEntry>> ReadAsync(
        Subscription subscription, TimelinePosition? after, int count, CancellationToken cancellationToken)
    {
        // What lies at the very moment of the position is read again and dropped: moments are few, and the database then needs no order over kinds.
        var until = after?.At ?? DateTimeOffset.MaxValue;
        var entries = new List<TimelineEntry>();
        if (subscription.PaddleId is { } paddleId)
        {
            entries.AddRange(await EventsAsync(paddleId, until, after, count, cancellationToken));
            entries.AddRange(await WaitingEventsAsync(paddleId, until, count, cancellationToken));
            entries.AddRange(await PaymentsAsync(paddleId, until, after, count, cancellationToken));
            entries.AddRange(await AdjustmentsAsync(paddleId, until, after, count, cancellationToken));
        }

        entries.AddRange(await ActsAsync(subscription, until, after, count, cancellationToken));
        return
        [
            .. entries
                .Where(entry => after is null || Compare(entry, after) > 0)
                .OrderByDescending(entry => entry.At).ThenBy(entry => entry.Kind).ThenBy(entry => entry.Id, StringComparer.Ordinal)
                .Take(count),
        ];
    }

    private static int Compare(TimelineEntry entry, TimelinePosition position)
    {
        var byTime = position.At.CompareTo(entry.At);
        var byKind = byTime != 0 ? byTime : entry.Kind.CompareTo(position.Kind);
        return byKind != 0 ? byKind : string.CompareOrdinal(entry.Id, position.Id);
    }

    // A page may begin in the middle of a moment, of which everything is read again.
    private static int With(int count, TimelinePosition? after, int atThatMoment) => after is null ? count : count + atThatMoment;

    private async Task<IEnumerable<TimelineEntry>> EventsAsync(
        string paddleId, DateTimeOffset until, TimelinePosition? after, int count, CancellationToken cancellationToken)
    {
        var events = db.SubscriptionTimeline.AsNoTracking().Where(entry => entry.SubscriptionPaddleId == paddleId);
        var same = after is null ? 0 : await events.CountAsync(entry => entry.OccurredAt == until, cancellationToken);
        var rows = await events
            .Where(entry => entry.OccurredAt <= until)
            .OrderByDescending(entry => entry.OccurredAt).ThenBy(entry => entry.EventId)
            .Take(With(count, after, same))
            .Select(entry => new
            {
                Entry = entry,
                Outcome = db.WebhookEvents.Where(inbox => inbox.EventId == entry.EventId).Select(inbox => (WebhookEventStatus?)inbox.Status).FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return rows.Select(row => new TimelineEntry(
            row.Entry.OccurredAt, TimelineKind.Event, row.Entry.EventId, row.Entry.EventType, Name(row.Entry.Status), row.Outcome));
    }

    // What was not applied yet has left no trace but its body. There are few of these.
    private async Task<IEnumerable<TimelineEntry>> WaitingEventsAsync(string paddleId, DateTimeOffset until, int count, CancellationToken cancellationToken)
    {
        var named = $"%\"{paddleId}\"%";
        var rows = await db.WebhookEvents.AsNoTracking()
            .Where(inbox => (inbox.Status == WebhookEventStatus.Pending || inbox.Status == WebhookEventStatus.Failed)
                && inbox.OccurredAt <= until && EF.Functions.Like(inbox.Body, named)
                && !db.SubscriptionTimeline.Any(entry => entry.EventId == inbox.EventId))
            .OrderByDescending(inbox => inbox.OccurredAt).ThenBy(inbox => inbox.EventId)
            .Take(count)
            .Select(inbox => new { inbox.OccurredAt, inbox.EventId, inbox.EventType, inbox.Status, inbox.Error })
            .ToListAsync(cancellationToken);
        return rows.Select(row => new TimelineEntry(
            row.OccurredAt, TimelineKind.Event, row.EventId, row.EventType, Outcome: row.Status, Reason: row.Error));
    }

    private async Task<IEnumerable<TimelineEntry>> PaymentsAsync(
        string paddleId, DateTimeOffset until, TimelinePosition? after, int count, CancellationToken cancellationToken)
    {
        var payments = db.Transactions.AsNoTracking().Where(transaction => transaction.State.SubscriptionId == paddleId);
        var same = after is null
            ? 0
            : await payments.CountAsync(
                transaction => (transaction.CompletedAt ?? transaction.State.BilledAt ?? transaction.State.CreatedAt) == until, cancellationToken);
        var rows = await payments
            .Where(transaction => (transaction.CompletedAt ?? transaction.State.BilledAt ?? transaction.State.CreatedAt) <= until)
            .OrderByDescending(transaction => transaction.CompletedAt ?? transaction.State.BilledAt ?? transaction.State.CreatedAt)
            .ThenBy(transaction => transaction.PaddleId)
            .Take(With(count, after, same))
            .ToListAsync(cancellationToken);
        return rows.Select(row => new TimelineEntry(
            row.CompletedAt ?? row.State.BilledAt ?? row.State.CreatedAt,
            TimelineKind.Payment,
            row.PaddleId,
            row.State.Origin,
            Name(row.State.Status),
            Amount: MoneyAmount.Of(row.State.Totals.GrandTotal, row.State.Currency, currencies.Table),
            Reason: row.State.PaymentErrorCode));
    }

    private async Task<IEnumerable<TimelineEntry>> AdjustmentsAsync(
        string paddleId, DateTimeOffset until, TimelinePosition? after, int count, CancellationToken cancellationToken)
    {
        var adjustments = db.AdjustmentsOf(paddleId).AsNoTracking();
        var same = after is null ? 0 : await adjustments.CountAsync(adjustment => adjustment.State.CreatedAt == until, cancellationToken);
        var rows = await adjustments
            .Where(adjustment => adjustment.State.CreatedAt <= until)
            .OrderByDescending(adjustment => adjustment.State.CreatedAt).ThenBy(adjustment => adjustment.PaddleId)
            .Take(With(count, after, same))
            .ToListAsync(cancellationToken);
        return rows.Select(row => new TimelineEntry(
            row.State.CreatedAt,
            TimelineKind.Adjustment,
            row.PaddleId,
            row.State.Action,
            Name(row.State.Status),
            Amount: MoneyAmount.Of(row.State.Total, row.State.Currency, currencies.Table),
            Reason: row.State.Reason));
    }

    private async Task<IEnumerable<TimelineEntry>> ActsAsync(
        Subscription subscription, DateTimeOffset until, TimelinePosition? after, int count, CancellationToken cancellationToken)
    {
        var (id, paddleId, customerId) = (subscription.Id.ToString(), subscription.PaddleId, subscription.CustomerId);
        var acts = db.AuditEntries.AsNoTracking().Where(entry =>
            entry.Target == id
            || (paddleId != null && (entry.Target == paddleId || db.Transactions.Any(row => row.PaddleId == entry.Target && row.State.SubscriptionId == paddleId)))
            || (customerId != null && customerId != "" && entry.Target == customerId));
        var same = after is null ? 0 : await acts.CountAsync(entry => entry.At == until, cancellationToken);
        var rows = await acts
            .Where(entry => entry.At <= until)
            .OrderByDescending(entry => entry.At).ThenBy(entry => entry.Id)
            .Take(With(count, after, same))
            .ToListAsync(cancellationToken);
        return rows.Select(row => new TimelineEntry(
            row.At, TimelineKind.Act, row.Id.ToString(), row.Action,
            Actor: row.Actor, Reason: row.Reason, Details: row.Details is null ? null : JsonElement.Parse(row.Details)));
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
