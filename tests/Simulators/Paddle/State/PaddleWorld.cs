using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.Portal;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.State;

/// <summary>
/// Everything that this Paddle knows, in the memory of the process; <see cref="Persistence.WorldJournal"/> can keep it beyond that. One lock guards all of it: whatever a call does, it does alone, and its events
/// are told in the order in which they happened.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="ids">Names what is new.</param>
internal sealed class PaddleWorld(PaddleClock clock, PaddleIds ids)
{
    private const long FirstInvoice = 10_000;

    public Lock Gate { get; } = new();

    public PaddleClock Clock => clock;

    public PaddleIds Ids => ids;

    public EntityTable<Product> Products { get; } = new();

    public EntityTable<Price> Prices { get; } = new();

    public EntityTable<Customer> Customers { get; } = new();

    public EntityTable<Address> Addresses { get; } = new();

    public EntityTable<PaymentMethod> PaymentMethods { get; } = new();

    public EntityTable<Transaction> Transactions { get; } = new();

    public EntityTable<Subscription> Subscriptions { get; } = new();

    public EntityTable<Adjustment> Adjustments { get; } = new();

    public EntityTable<PaddleEvent> Events { get; } = new();

    public EntityTable<Notification> Notifications { get; } = new();

    public OrderedDictionary<string, PortalSession> PortalSessions { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of the last invoice.</summary>
    public long Invoices { get; set; } = FirstInvoice;

    public string NextInvoiceNumber() => FormattableString.Invariant($"325-{++Invoices}");

    public void Clear()
    {
        Products.Clear();
        Prices.Clear();
        Customers.Clear();
        Addresses.Clear();
        PaymentMethods.Clear();
        Transactions.Clear();
        Subscriptions.Clear();
        Adjustments.Clear();
        Events.Clear();
        Notifications.Clear();
        PortalSessions.Clear();
        Invoices = FirstInvoice;
        clock.Reset();
        ids.Reset();
    }
}
