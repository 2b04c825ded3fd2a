using System.Net;
using System.Net.Http.Json;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
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

    private async Task<bool> IsWaitedForAsync()
    {
        await using var connection = new NpgsqlConnection(application.Database.SuperUserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND NOT l.granted AND l.locktype = 'advisory')", connection);
        return await command.ExecuteScalarAsync() is true;
    }
}
