using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;

namespace BotGeneric.Identity.Tests.Support;

/// <summary>The messages that the service asked for, as they reached the broker.</summary>
public sealed class Mailbox(BrokerTap<NotificationRequested> tap)
{
    /// <summary>Waits for the newest message of a kind to an address.</summary>
    public async Task<NotificationRequested> WaitForAsync(string address, string template) => (await Eventually.GetAsync(
        () => Task.FromResult(Newest(address, template)), message => message is not null, $"a message '{template}'"))!;

    /// <summary>Every message to an address so far.</summary>
    public IReadOnlyList<NotificationRequested> To(string address) => [.. tap.Events.Where(message => message.Address == address)];

    private NotificationRequested? Newest(string address, string template) =>
        tap.Events.Where(message => message.Address == address && message.Template == template).MaxBy(message => message.OccurredAt);
}
