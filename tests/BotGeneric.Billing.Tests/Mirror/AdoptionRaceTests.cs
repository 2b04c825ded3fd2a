using System.Net;
using System.Net.Http.Json;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>A price comes to sell a plan at the moment when somebody has paid at it.</summary>
public sealed class AdoptionRaceTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    [Fact]
    public async Task Who_has_paid_while_a_plan_is_written_that_names_the_price_has_the_plan()
    {
        using var client = application.CreateOperatorClient();
        await application.StoreAsync(BillingApplication.SubscriptionEvent("sub_race", price: "pri_race"));
        await using var hold = await new Turnstiles(application.Database).LockAsync("subscription_timeline", "EXCLUSIVE");
        var applied = application.ApplyAsync();
        await hold.StoppedAsync();

        // The event has found no plan, and is not committed.
        var written = client.PutAsJsonAsync("/api/admin/plans/race", new
        {
            name = new { en = "Race" },
            prices = new[] { new { amount = 1m, currency = "USD", paddlePriceId = "pri_race" } },
        });
        await Eventually.GetAsync(async () => written.IsCompleted || await IsWaitedForAsync(), isReady => isReady, "the plan to be written, or to wait for the event");
        await hold.LetGoAsync();
        await applied;

        using var answer = await written;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("race", await application.InDatabaseAsync(db => db.Subscriptions.Where(row => row.PaddleId == "sub_race").Select(row => row.PlanCode).SingleAsync()));
    }

    [Fact]
    public async Task Who_has_waited_for_a_plan_to_be_written_gives_it_as_it_is_now()
    {
        using var client = application.CreateOperatorClient();
        await application.StoreAsync(BillingApplication.SubscriptionEvent("sub_late", price: "pri_late"));
        await application.ApplyAsync();
        foreach (var limit in new[] { 10, 20 })
        {
            using var answer = await client.PutAsJsonAsync("/api/admin/plans/late", Terms(limit));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await SetVersionAsync(1);
        await using var hold = await HoldAdoptionAsync();
        await using var scope = application.Services.CreateAsyncScope();
        var given = scope.ServiceProvider.GetRequiredService<PriceAdoption>().GiveAsync("late", "pri_late", CancellationToken.None);
        await hold.StoppedAsync();
        await SetVersionAsync(2);
        await hold.LetGoAsync();
        await given;

        var subscription = await application.InDatabaseAsync(db => db.Subscriptions.AsNoTracking().SingleAsync(row => row.PaddleId == "sub_late"));
        Assert.Equal(("late", 2), (subscription.PlanCode, subscription.PlanVersion));
    }

    [Fact]
    public async Task Who_waits_to_write_a_plan_holds_nothing_of_it()
    {
        using var client = application.CreateOperatorClient();
        using var first = await client.PutAsJsonAsync("/api/admin/plans/waits", Terms(10));
        await using var hold = await HoldAdoptionAsync();
        var written = client.PutAsJsonAsync("/api/admin/plans/waits", Terms(20));
        await hold.StoppedAsync();

        await application.InDatabaseAsync(db => db.Database.ExecuteSqlAsync($"SELECT 1 FROM plans WHERE code = 'waits' FOR UPDATE NOWAIT"));

        await hold.LetGoAsync();
        using var answer = await written;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static object Terms(int limit) => new
    {
        name = new { en = "Late" },
        entitlements = new[] { new { meter = "llm.requests", window = "day", limit } },
    };

    // "plan" in ASCII.
    private Task<DatabaseHold> HoldAdoptionAsync() =>
        DatabaseHold.TakeAsync(application.Database, "l.locktype = 'advisory'", $"SELECT pg_advisory_lock({0x706c_616e}, 0)");

    private Task SetVersionAsync(int version) => application.InDatabaseAsync(db =>
        db.Database.ExecuteSqlAsync($"UPDATE plans SET version = {version} WHERE code = 'late'"));

    private async Task<bool> IsWaitedForAsync()
    {
        await using var connection = new NpgsqlConnection(application.Database.SuperUserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND NOT l.granted AND l.locktype = 'advisory')", connection);
        return await command.ExecuteScalarAsync() is true;
    }
}
