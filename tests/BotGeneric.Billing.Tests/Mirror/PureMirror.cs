using System.Globalization;
using System.Text;
using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>The rules of the domain without a database: what is known of one subscription after some events.</summary>
internal static class PureMirror
{
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    public static string After(IEnumerable<StoryEvent> events, DateTimeOffset now)
    {
        var subscription = Subscription.Track(Guid.CreateVersion7(), "sub", "ctm", Guid.Empty, isLinked: false);
        var timeline = new Dictionary<string, SubscriptionTimelineEntry>(StringComparer.Ordinal);
        var transactions = new Dictionary<string, Transaction>(StringComparer.Ordinal);
        var adjustments = new Dictionary<string, Adjustment>(StringComparer.Ordinal);
        foreach (var told in events)
        {
            using var body = JsonDocument.Parse(told.Body);
            var data = body.RootElement.GetProperty("data");
            var origin = new SnapshotOrigin(told.EventId, told.EventType, told.OccurredAt);
            switch (told.EventType.Split('.')[0])
            {
                case "subscription":
                    var entity = data.Deserialize(PaddleJson.Default.PaddleSubscription)!;
                    var state = entity.ToState();
                    var version = origin.VersionOf(entity.UpdatedAt, (int)state.Status);
                    subscription.Apply(version, state, plan: null);
                    timeline.TryAdd(told.EventId, new SubscriptionTimelineEntry
                    {
                        EventId = told.EventId,
                        SubscriptionPaddleId = entity.Id,
                        EventType = told.EventType,
                        OccurredAt = version.OccurredAt,
                        UpdatedAt = version.UpdatedAt,
                        Status = state.Status,
                        RecordedAt = now,
                    });
                    break;
                case "transaction":
                    var payment = data.Deserialize(PaddleJson.Default.PaddleTransaction)!;
                    var transaction = transactions.TryGetValue(payment.Id, out var known) ? known : transactions[payment.Id] = Transaction.Track(payment.Id);
                    var paymentState = payment.ToState(told.OccurredAt);
                    transaction.Apply(origin.VersionOf(payment.UpdatedAt, (int)paymentState.Status), paymentState, payment.PaidAt());
                    transaction.NoteFailures(payment.Failures(told.OccurredAt));
                    break;
                case "adjustment":
                    var given = data.Deserialize(PaddleJson.Default.PaddleAdjustment)!;
                    var adjustment = adjustments.TryGetValue(given.Id, out var earlier) ? earlier : adjustments[given.Id] = Adjustment.Track(given.Id);
                    var givenState = given.ToState(told.OccurredAt);
                    adjustment.Apply(origin.VersionOf(given.UpdatedAt, (int)givenState.Status), givenState);
                    break;
            }
        }

        subscription.Derive(
            SubscriptionCircumstances.Of(
                subscription, timeline.Values, [.. transactions.Values.Where(row => row.State.SubscriptionId is not null)], adjustments.Values, Grace),
            now);
        var lines = new StringBuilder();
        lines.AppendLine(CultureInfo.InvariantCulture, $"{subscription.GrantsAccess} {subscription.IsChargedBack} {subscription.PastDueSince:O} {subscription.GraceEndsAt:O} {subscription.PaidPeriodStart:O} {subscription.PaidPeriodEnd:O}");
        lines.AppendLine(JsonSerializer.Serialize(subscription.State));
        foreach (var row in transactions.Values.OrderBy(row => row.PaddleId, StringComparer.Ordinal))
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"{row.PaddleId} {row.CompletedAt:O} {JsonSerializer.Serialize(row.Failures)} {JsonSerializer.Serialize(row.State)}");
        }

        foreach (var row in adjustments.Values.OrderBy(row => row.PaddleId, StringComparer.Ordinal))
        {
            lines.AppendLine($"{row.PaddleId} {JsonSerializer.Serialize(row.State)}");
        }

        return lines.ToString();
    }
}
