using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Customers;

/// <summary>Finds and registers who pays. Guarded by the world's lock.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="events">Tells of them.</param>
internal sealed class CustomerDirectory(PaddleWorld world, EventLog events)
{
    /// <summary>By e-mail address, whatever its case and also when archived: an address belongs to one customer for ever.</summary>
    public Customer? FindByEmail(string email) =>
        world.Customers.Find(world.Customers.All.FirstOrDefault(customer => string.Equals(customer.Email, email, StringComparison.OrdinalIgnoreCase))?.Id);

    public Customer Add(string email, string? name, string? locale, JsonObject? customData)
    {
        var now = world.Clock.Stamp();
        var customer = world.Customers.Add(new Customer
        {
            Id = world.Ids.New("ctm"),
            Email = email,
            Name = name,
            Locale = locale ?? "en",
            CustomData = customData,
            CreatedAt = now,
            UpdatedAt = now,
        });
        events.Emit("customer.created", PaddleJson.Of(customer));
        return customer;
    }

    public Address AddAddress(Customer customer, string country, string? postalCode)
    {
        var now = world.Clock.Stamp();
        var address = world.Addresses.Add(new Address
        {
            Id = world.Ids.New("add"),
            CustomerId = customer.Id,
            CountryCode = country,
            PostalCode = postalCode,
            CreatedAt = now,
            UpdatedAt = now,
        });
        events.Emit("address.created", PaddleJson.Of(address));
        return address;
    }

    /// <summary>Whether a text may be an e-mail address: one @ with something before it and a name with a dot behind it.</summary>
    public static bool IsEmail(string? text) =>
        text is { Length: <= 320 } && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && text.LastIndexOf('@') == at
        && text.LastIndexOf('.') > at + 1 && !text.EndsWith('.') && !text.Any(char.IsWhiteSpace);
}
