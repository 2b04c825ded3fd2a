using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests;

/// <summary>The books stay, and name nobody.</summary>
public sealed class ErasureTests(BillingApplication application) : IClassFixture<BillingApplication>
{
    private static readonly DateTimeOffset Time = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_the_provider_said_of_the_person_is_emptied_and_the_customer_stays()
    {
        var (person, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        db.AddRange(new Customer("ctm_01erased", person, Time), new Customer("ctm_01stays", other, Time));
        db.AddRange(
            Event("evt_erased_1", "customer.updated", """{ "data": { "id": "ctm_01erased", "name": "Anna" } }""", WebhookEventStatus.Ignored),
            Event("evt_erased_2", "transaction.completed", """{ "data": { "customer_id": "ctm_01erased", "cardholder_name": "Anna" } }""", WebhookEventStatus.Applied),
            Event("evt_erased_3", "customer.updated", """{ "data": { "id": "ctm_01stays", "name": "Bella" } }""", WebhookEventStatus.Ignored));
        await db.SaveChangesAsync();

        var answer = await application.Services.EraseAsync<BillingDbContext>(person);

        Assert.Equal(("billing", person), (answer.Service, answer.UserId));
        var bodies = await db.WebhookEvents.AsNoTracking().Where(row => row.EventId.StartsWith("evt_erased_")).OrderBy(row => row.EventId).Select(row => row.Body).ToListAsync();
        Assert.Equal(["{}", "{}"], bodies[..2]);
        Assert.Contains("Bella", bodies[2], StringComparison.Ordinal);
        Assert.Equal(person, (await db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == "ctm_01erased")).AccountId);
    }

    private static WebhookEvent Event(string id, string type, string body, WebhookEventStatus status)
    {
        var received = WebhookEvent.Receive(id, type, Time, body, Time, traceParent: null);
        received.Settle(status);
        return received;
    }
}
