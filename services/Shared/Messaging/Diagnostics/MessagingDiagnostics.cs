using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BotGeneric.Messaging;

/// <summary>The names under which messaging can be observed: traces, metrics, and the steps that crash tests stop at.</summary>
public static class MessagingDiagnostics
{
    /// <summary>Name of the <see cref="ActivitySource"/>, of the <see cref="System.Diagnostics.Metrics.Meter"/> and of the <see cref="DiagnosticListener"/>.</summary>
    public const string Name = "BotGeneric.Messaging";

    internal static readonly ActivitySource Activities = new(Name);
    internal static readonly DiagnosticListener Steps = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Published =
        Meter.CreateCounter<long>("messaging.outbox.published", "{message}", "Messages that the broker has confirmed.");
    internal static readonly Counter<long> PublishRetried =
        Meter.CreateCounter<long>("messaging.outbox.retried", "{message}", "Failed attempts to publish that will be repeated.");
    internal static readonly Counter<long> Consumed =
        Meter.CreateCounter<long>("messaging.inbox.consumed", "{message}", "Messages whose effect was committed.");
    internal static readonly Counter<long> ConsumeRetried =
        Meter.CreateCounter<long>("messaging.inbox.retried", "{message}", "Failed attempts to handle a message that will be repeated.");
    internal static readonly Counter<long> Duplicates =
        Meter.CreateCounter<long>("messaging.inbox.duplicates", "{message}", "Messages that had been handled before.");
    internal static readonly Counter<long> Outages =
        Meter.CreateCounter<long>("messaging.inbox.outages", "{message}", "Messages held because the database did not answer.");
    internal static readonly Counter<long> DeadLettered =
        Meter.CreateCounter<long>("messaging.dead_letters", "{message}", "Messages put aside, by direction.");

    private static long _dueCount;
    private static double _oldestDueSeconds;

    static MessagingDiagnostics()
    {
        Meter.CreateObservableGauge("messaging.outbox.due", () => Volatile.Read(ref _dueCount), "{message}",
            "Outbox rows that are due, counted up to 10,000.");
        Meter.CreateObservableGauge("messaging.outbox.lag", () => Volatile.Read(ref _oldestDueSeconds), "s",
            "Age of the oldest outbox row that is due.");
    }

    internal static void RecordLag(long dueCount, TimeSpan oldestDue)
    {
        Volatile.Write(ref _dueCount, dueCount);
        Volatile.Write(ref _oldestDueSeconds, oldestDue.TotalSeconds);
    }

    /// <summary>Announces that a step was reached; costs a field read when nobody listens.</summary>
    internal static void Step(string name, int count = 1)
    {
        if (Steps.IsEnabled(name))
            Steps.Write(name, count);
    }
}

/// <summary>The steps between which a process may die, in order. A crash test subscribes to them.</summary>
internal static class MessagingSteps
{
    public const string OutboxClaimed = "outbox.claimed";
    public const string OutboxPublished = "outbox.published";
    public const string OutboxConfirmed = "outbox.confirmed";
    public const string OutboxDeleted = "outbox.deleted";
    public const string OutboxCommitted = "outbox.committed";
    public const string InboxOpened = "inbox.opened";
    public const string InboxInserted = "inbox.inserted";
    public const string InboxEffect = "inbox.effect";
    public const string InboxCommitted = "inbox.committed";
    public const string DeadLetterWritten = "dead_letter.written";

    public static IReadOnlyList<string> Outbox { get; } =
        [OutboxClaimed, OutboxPublished, OutboxConfirmed, OutboxDeleted, OutboxCommitted];

    public static IReadOnlyList<string> Inbox { get; } = [InboxOpened, InboxInserted, InboxEffect, InboxCommitted];
}
