using System.Globalization;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Tests.Operations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace BotGeneric.Billing.Tests.Upgrades;

/// <summary>
/// Billing on a database that an early version has filled, before it knew amounts, payments or checkouts: a plan that is sold by a price of Paddle's, and three
/// who have bought it.
/// </summary>
public sealed class UpgradedApplication : OperationsApplication
{
    /// <summary>The last migration of the early version.</summary>
    private const string EarlyVersion = "MergedAccounts";

    /// <summary>Paddle's price, by which the plan <c>pro</c> is sold.</summary>
    public string Price { get; private set; } = string.Empty;

    /// <summary>Somebody of whom nothing new is heard before the next renewal.</summary>
    public EarlySubscriber Quiet { get; private set; } = null!;

    /// <summary>Somebody about whom an event waits.</summary>
    public EarlySubscriber Waiting { get; private set; } = null!;

    /// <summary>Somebody for whom the early version has made an account up, because nobody said whose the purchase was.</summary>
    public EarlySubscriber Unknown { get; private set; } = null!;

    /// <inheritdoc />
    protected override async Task PrepareAsync()
    {
        var product = await Paddle.CallAsync(HttpMethod.Post, "products", new { name = "Pro", tax_category = "standard" });
        var price = await Paddle.CallAsync(HttpMethod.Post, "prices", new
        {
            product_id = (string)product["id"]!,
            description = "Monthly",
            unit_price = new { amount = "2900", currency_code = "EUR" },
            billing_cycle = new { interval = "month", frequency = 1 },
        });
        Price = (string)price["id"]!;
        Quiet = await SubscribeAsync(isMadeUp: false);
        Waiting = await SubscribeAsync(isMadeUp: false);
        Unknown = await SubscribeAsync(isMadeUp: true);

        await using var db = new BillingDbContext(
            new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql(Database.ConnectionString).UseSnakeCaseNamingConvention().Options);
        await db.GetService<IMigrator>().MigrateAsync(EarlyVersion);
        await using var connection = new NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await WriteAsync(
            connection,
            $$"""
            INSERT INTO plans (code, name, version, entitlements) VALUES
                ('pro', 'Pro', 3, '[{"meter":"llm.requests","window":"day","limit":700}]'), ('old', 'Old', 1, '[]');
            INSERT INTO plan_prices (paddle_price_id, plan_code) VALUES ('{{Price}}', 'pro'), ('pri_gone', 'old');
            """);
        foreach (var subscriber in new[] { Quiet, Waiting, Unknown })
        {
            await WriteAsync(connection, Rows(subscriber));
        }

        await WriteAsync(connection, Event("evt_waits", "subscription.updated", "Pending", Body(Waiting, "evt_waits", Waiting.UpdatedAt.AddSeconds(5)), Waiting.UpdatedAt.AddSeconds(5)));
        await WriteAsync(connection, Event("evt_payment", "transaction.completed", "Ignored", """{ "event_id": "evt_payment", "data": { "id": "txn_1" } }""", Quiet.UpdatedAt));
        await WriteAsync(connection, Event("evt_erased", "customer.updated", "Ignored", "{}", Quiet.UpdatedAt));
    }

    private async Task<EarlySubscriber> SubscribeAsync(bool isMadeUp)
    {
        var bought = await Paddle.BuyAsync(Price);
        var subscription = await Paddle.CallAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}");
        var updatedAt = DateTimeOffset.Parse((string)subscription["updated_at"]!, CultureInfo.InvariantCulture);
        var heardAt = updatedAt.AddMilliseconds(300);
        return new EarlySubscriber(bought, Guid.CreateVersion7(isMadeUp ? heardAt : heardAt.AddDays(-30)), updatedAt, heardAt);
    }

    // As the early version wrote them: an event happens a moment after the change that it is about.
    private string Rows(EarlySubscriber subscriber)
    {
        var (bought, occurredAt) = (subscriber.Bought, subscriber.UpdatedAt.AddMilliseconds(40));
        var eventId = $"evt_{bought.Subscription}";
        return $$"""
            INSERT INTO customers (paddle_id, account_id, created_at) VALUES ('{{bought.Customer}}', '{{subscriber.Account}}', '{{subscriber.HeardAt:O}}');
            INSERT INTO subscriptions (
                id, paddle_id, account_id, status, raw_status, grants_access, plan_code, plan_version, entitlements, current_period_start, current_period_end,
                price_ids, revision, last_event_at)
            VALUES (
                '{{Guid.CreateVersion7()}}', '{{bought.Subscription}}', '{{subscriber.Account}}', 'Active', 'active', true, 'pro', 2,
                '[{"meter":"llm.requests","window":"day","limit":500}]', now() - interval '1 day', now() + interval '29 days',
                '{"{{Price}}"}', 4, '{{occurredAt:O}}');
            """ + Event(eventId, "subscription.created", "Applied", Body(subscriber, eventId, occurredAt), occurredAt);
    }

    private string Body(EarlySubscriber subscriber, string eventId, DateTimeOffset occurredAt) => BillingApplication.SubscriptionEvent(
        subscriber.Bought.Subscription, occurredAt: occurredAt, price: Price, customer: subscriber.Bought.Customer,
        customData: $$"""{ "accountId": "{{subscriber.Account}}" }""", eventId: eventId);

    private static string Event(string id, string type, string status, string body, DateTimeOffset occurredAt) =>
        $"""
        INSERT INTO paddle_inbox (event_id, event_type, occurred_at, received_at, body, status, attempts, next_attempt_at)
        VALUES ('{id}', '{type}', '{occurredAt:O}', '{occurredAt:O}', '{body}', '{status}', 1, '{occurredAt:O}');
        """;

    private static async Task WriteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Somebody who has bought when the early version ran.</summary>
/// <param name="Bought">What, at Paddle.</param>
/// <param name="Account">For which account, as the early version had it.</param>
/// <param name="UpdatedAt">When the subscription was changed last, by Paddle's clock.</param>
/// <param name="HeardAt">When the early version first heard of the payer.</param>
public sealed record EarlySubscriber(Bought Bought, Guid Account, DateTimeOffset UpdatedAt, DateTimeOffset HeardAt);
