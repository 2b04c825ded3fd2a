using System.Text;

namespace BotGeneric.Messaging;

/// <summary>
/// An event's identity on the wire: namespace and type name, as MassTransit names exchanges and (with the prefix <c>urn:message:</c>)
/// messages. Renaming or moving a record therefore breaks the wire, renaming its assembly does not.
/// </summary>
public static class EventName
{
    /// <summary>The wire name of an event, such as <c>BotGeneric.Contracts.Billing.V1:SubscriptionChanged</c>.</summary>
    /// <param name="eventType">A record that is neither generic nor nested.</param>
    /// <exception cref="ArgumentException">The type is generic, nested or without a namespace, so it has no stable name.</exception>
    public static string Of(Type eventType)
    {
        ArgumentNullException.ThrowIfNull(eventType);
        if (eventType.IsGenericType || eventType.IsNested || string.IsNullOrEmpty(eventType.Namespace))
            throw new ArgumentException($"{eventType} has no stable name on the wire: an event is a top-level record in a namespace.", nameof(eventType));
        return $"{eventType.Namespace}:{eventType.Name}";
    }

    /// <summary>The name under which a service's queue for an event is found: <c>policy</c>, <c>SubscriptionChanged</c> → <c>policy.subscription-changed</c>.</summary>
    internal static string Queue(string service, Type eventType)
    {
        var name = new StringBuilder(service).Append('.');
        for (var i = 0; i < eventType.Name.Length; i++)
        {
            var letter = eventType.Name[i];
            if (i > 0 && char.IsUpper(letter))
                name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
