using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Messaging;

/// <summary>How messaging behaves; bound from the configuration section <c>Messaging</c> and validated at start.</summary>
public sealed class MessagingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Messaging";

    /// <summary>Rows claimed per round, with and without an ordering key each. Default 200.</summary>
    [Range(1, 5000)]
    public int OutboxBatchSize { get; set; } = 200;

    /// <summary>How long the dispatcher sleeps at most when no notification wakes it. Default 5 s.</summary>
    [DurationRange("00:00:00.010", "00:10:00")]
    public TimeSpan OutboxPollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Failed attempts to publish after which a message becomes a dead letter. Default 10, about 10 minutes with the default back-off.</summary>
    [Range(1, 1000)]
    public int PublishAttempts { get; set; } = 10;

    /// <summary>Pause after the first failed attempt to publish; doubles with each, with jitter. Default 2 s.</summary>
    [DurationRange("00:00:00.001", "01:00:00")]
    public TimeSpan PublishRetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Upper bound of the pause between attempts to publish. Default 5 minutes.</summary>
    [DurationRange("00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxPublishRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a round waits for the broker's confirms before it counts the broker as unreachable. Default 15 s.</summary>
    [DurationRange("00:00:00.100", "00:05:00")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts to handle a message, in memory, before it becomes a dead letter. Default 5.</summary>
    [Range(1, 100)]
    public int ConsumeAttempts { get; set; } = 5;

    /// <summary>Pause after the first failed attempt to handle a message; triples with each, with jitter. Default 100 ms.</summary>
    [DurationRange("00:00:00.001", "00:01:00")]
    public TimeSpan ConsumeRetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Upper bound of the pause between attempts to handle a message. Default 5 s.</summary>
    [DurationRange("00:00:00.001", "00:05:00")]
    public TimeSpan MaxConsumeRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Upper bound of the pause between attempts to reach a database or broker that is down. Default 10 s.</summary>
    [DurationRange("00:00:00.010", "00:10:00")]
    public TimeSpan MaxOutageDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a message is held in memory while the database is down, before it is given back to the queue and comes again. Default 10
    /// minutes; RabbitMQ closes a channel that owes an acknowledgement for 30.
    /// </summary>
    [DurationRange("00:00:01", "00:25:00")]
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a handled message is remembered; the longest time after which a redelivery is still recognised. Default 14 days.</summary>
    [DurationRange("00:00:01", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a dead letter is kept after its last failure or its replay. Default 90 days.</summary>
    [DurationRange("00:00:01", "3650.00:00:00")]
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Pause between two prunings of inbox and dead letters. Default 10 minutes.</summary>
    [DurationRange("00:00:00.010", "1.00:00:00")]
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Rows deleted per statement when pruning, so that no transaction is long. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int PruneChunk { get; set; } = 1000;

    /// <summary>
    /// Whether the host's start waits until the consumers are connected. Off by default: nothing is lost without it (every publisher
    /// declares the queues of all consumers), and a service whose broker is down can still answer and write to its outbox.
    /// </summary>
    public bool WaitUntilStarted { get; set; }
}

/// <summary>How one consumer takes its messages.</summary>
public sealed class ConsumerOptions
{
    /// <summary>The queue; by default service and event, <c>policy.subscription-changed</c>. Needed when two versions of an event are heard.</summary>
    public string? Queue { get; set; }

    /// <summary>Messages handled at the same time by one process, at least 1. Default 8; an ordered queue has 1, whatever is set here.</summary>
    public int Concurrency { get; set; } = 8;
}

/// <summary>How one consumer takes its messages in batches.</summary>
public sealed class BatchConsumerOptions
{
    /// <summary>The queue; by default service and event, <c>policy.usage-recorded</c>.</summary>
    public string? Queue { get; set; }

    /// <summary>Messages per batch, 2 to 5,000. Default 500.</summary>
    public int MessageLimit { get; set; } = 500;

    /// <summary>How long a batch waits to become full after its first message. Default 200 ms.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Batches handled at the same time by one process, at least 1. Default 2.</summary>
    public int Concurrency { get; set; } = 2;
}
