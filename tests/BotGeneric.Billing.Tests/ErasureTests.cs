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
    public async Task What_the_provider_said_of_the_person_is_emptied_and_the_customer_stays_without_a_name()
    {
        var (person, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        db.AddRange(Payer("ctm_01erased", person, "Anna"), Payer("ctm_01stays", other, "Bella"));
        db.AddRange(Audit(person), Audit(other));
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
        var erased = await db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == "ctm_01erased");
        Assert.Equal((person, null, null), (erased.AccountId, erased.Name, erased.Email));
        Assert.Equal("Bella", (await db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == "ctm_01stays")).Name);
        Assert.Null((await db.AuditEntries.AsNoTracking().SingleAsync(row => row.AccountId == person)).Reason);
        Assert.NotNull((await db.AuditEntries.AsNoTracking().SingleAsync(row => row.AccountId == other)).Reason);
    }

    [Fact]
    public void A_name_that_the_provider_repeats_after_the_erasure_is_not_taken_over_again()
    {
        var customer = Payer("ctm_01again", Guid.CreateVersion7(), "Anna");
        customer.Erase();

        Assert.True(customer.Apply(SnapshotVersion.Of(Time.AddDays(1), Time, 0, "evt_2"), "anna@example.com", "Anna", "archived"));

        Assert.Equal((null, null, "archived"), (customer.Email, customer.Name, customer.Status));
    }

    [Fact]
    public async Task Who_paid_for_an_organization_is_forgotten_as_well()
    {
        var (person, organization, checkout) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BillingDbContext>();
        var payer = Payer("ctm_01org", account: null, "Anna");
        payer.Claim(checkout, organization);
        var plan = await db.Plans.Include(row => row.Prices).SingleAsync(row => row.Code == "pro");
        db.AddRange(payer, Checkout.Begin(checkout, organization, plan, plan.Prices[0], trialDays: null, person.ToString(), Time));
        await db.SaveChangesAsync();

        await application.Services.EraseAsync<BillingDbContext>(person);

        var erased = await db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == "ctm_01org");
        Assert.Equal((organization, null), (erased.AccountId, erased.Name));
    }

    private static Customer Payer(string id, Guid? account, string name)
    {
        var customer = Customer.Track(id, Time);
        if (account is { } known)
        {
            customer.MoveTo(known, isLinked: true);
        }

        customer.Apply(SnapshotVersion.Of(Time, Time, 0, "evt_1"), $"{name}@example.com", name, "active");
        return customer;
    }

    private static BillingAuditEntry Audit(Guid account) =>
        new() { Id = Guid.CreateVersion7(), At = Time, Actor = "admin", Action = "transaction.refunded", Target = "txn_1", AccountId = account, Reason = "Anna asked" };

    private static WebhookEvent Event(string id, string type, string body, WebhookEventStatus status)
    {
        var received = WebhookEvent.Receive(id, type, Time, body, Time, traceParent: null);
        received.Settle(status);
        return received;
    }
}
