using BotGeneric.Messaging.TestHost;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>Events for tests.</summary>
internal static class Some
{
    public static List<OutboxEvent> Deposits(string account, int count, int from = 1, bool ordered = true) =>
        [.. Enumerable.Range(from, count).Select(position => Deposit(account, position, ordered: ordered))];

    public static OutboxEvent Deposit(string account = "a", int position = 1, bool ordered = false, bool poison = false) => new(
        new Deposited
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            Account = account,
            Position = position,
            Amount = position * 3L + 1,
            Poison = poison,
        },
        ordered ? account : null);

    public static List<OutboxEvent> Measurements(int count) => [.. Enumerable.Range(1, count).Select(amount => Measurement(amount))];

    public static OutboxEvent Measurement(long amount = 1, bool poison = false) => new(
        new Measured { EventId = Guid.CreateVersion7(), OccurredAt = TimeProvider.System.GetUtcNow(), Amount = amount, Poison = poison });

    public static OutboxEvent Announcement(int position, string? orderingKey = "one") => new(
        new Announced { EventId = Guid.CreateVersion7(), OccurredAt = TimeProvider.System.GetUtcNow(), Position = position }, orderingKey);
}
