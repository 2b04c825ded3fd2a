using System.Collections.Concurrent;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Billing as a process, killed again and again between receiving and telling, while Paddle delivers to it.</summary>
[Collection(Name)]
public sealed class CrashTests
{
    /// <summary>Tests that kill Billing run one after the other: each of them has a machine's worth of work.</summary>
    public const string Name = "Billing as a process";

    private const int Kills = 8;
    private const int Senders = 4;
    private const int Lives = 60;

    private readonly ConcurrentDictionary<string, bool> _acknowledged = new();
    private int _retries;

    [Fact]
    public async Task Whatever_was_answered_200_is_applied_once_and_told_once_after_8_kills()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var database = await TestDatabase.CreateAsync("billing");
        await using var payments = await BrokerTap<PaymentCompleted>.OpenAsync();
        await using var refunds = await BrokerTap<PaymentRefunded>.OpenAsync();
        var address = BillingProcess.FreeAddress();
        var environment = await BillingProcess.EnvironmentAsync(address, database, issuer);
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };

        var random = new Random(7);
        var steps = Enum.GetValues<StoryStep>();
        var stories = Enumerable.Range(0, Lives).Select(number => PaddleStory.Tell(
            $"crash{number:00}x",
            random.Next(),
            [.. Enumerable.Range(0, 8).Select(_ => (steps[random.Next(steps.Length)], 0))],
            [BillingApplication.References.Create(Guid.CreateVersion7(), Guid.CreateVersion7())])).ToList();
        var deliveries = stories.SelectMany(story => story.Events).ToArray();
        random.Shuffle(deliveries);

        var queue = new ConcurrentQueue<StoryEvent>(deliveries);
        var pace = deliveries.Length / (Kills + 2);
        var senders = Enumerable.Range(0, Senders).Select(_ => Task.Run(() => SendAsync(client, queue))).ToList();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var doomed = BillingProcess.Start(environment);
            await BillingProcess.ReadyAsync(client);
            var target = Math.Min(_acknowledged.Count + pace, deliveries.Length);

            // Another moment of its work each time: between receipt, effect, outcome and broker.
            await Eventually.GetAsync(() => Task.FromResult(_acknowledged.Count), count => count >= target, "deliveries to be answered");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(60)));
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        using var last = BillingProcess.Start(environment);
        try
        {
            await Task.WhenAll(senders);
            await VerifyAsync(database, stories, payments, refunds);
        }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync();
        }
    }

    private async Task VerifyAsync(
        TestDatabase database, List<PaddleStory> stories, BrokerTap<PaymentCompleted> payments, BrokerTap<PaymentRefunded> refunds)
    {
        await Eventually.EqualAsync(0L, () => ScalarAsync(database, "SELECT count(*) FROM paddle_inbox WHERE status NOT IN ('Applied', 'Superseded')"), "events that are not applied");
        await Eventually.EqualAsync(0L, () => ScalarAsync(database, "SELECT count(*) FROM outbox"), "events that are not told");
        Assert.Equal(_acknowledged.Count, await ScalarAsync(database, "SELECT count(*) FROM paddle_inbox"));
        Assert.True(_retries >= Kills, $"only {_retries} deliveries were repeated");

        // The tap hears every Billing of this test run, and may hear an event twice: consumers know it by its id.
        // A message is confirmed once the broker has it, which may be a moment before the tap has.
        var completed = await ScalarAsync(database, "SELECT count(*) FROM transactions WHERE completed_at IS NOT NULL");
        await Eventually.EqualAsync(completed, () => Task.FromResult((long)Paid().Count), "the payments that were told");
        foreach (var currency in new[] { "USD", "JPY" })
        {
            await Eventually.EqualAsync(
                stories.Where(story => story.Currency == currency).Sum(story => story.Revenue),
                () => Task.FromResult((Paid().Where(one => one.Currency == currency && one.CountsAsRevenue).Sum(one => one.Amount)
                    - Back().Where(one => one.Currency == currency).Sum(one => one.Amount)) * (currency == "JPY" ? 1 : 100)),
                $"the revenue in {currency}");
        }

        Assert.Distinct(Paid().Select(told => told.TransactionId));
        Assert.Distinct(Back().Select(told => (told.AdjustmentId, told.Action)));

        List<PaymentCompleted> Paid() =>
            [.. payments.Events.Where(told => told.TransactionId.Contains("_crash", StringComparison.Ordinal)).DistinctBy(told => told.EventId)];

        List<PaymentRefunded> Back() =>
            [.. refunds.Events.Where(told => told.TransactionId.Contains("_crash", StringComparison.Ordinal)).DistinctBy(told => told.EventId)];
    }

    // Like Paddle: the same delivery again until it is answered 200, and some once more afterwards.
    private async Task SendAsync(HttpClient client, ConcurrentQueue<StoryEvent> queue)
    {
        while (queue.TryDequeue(out var told))
        {
            await Eventually.GetAsync(() => IsTakenAsync(client, told.Body), isTaken => isTaken, "a delivery to be answered");
            _acknowledged[told.EventId] = true;
            if (told.EventId.GetHashCode(StringComparison.Ordinal) % 5 == 0)
            {
                await IsTakenAsync(client, told.Body);
            }
        }
    }

    private async Task<bool> IsTakenAsync(HttpClient client, string body)
    {
        var isTaken = await BillingProcess.DeliverAsync(client, body);
        if (isTaken is null)
        {
            Interlocked.Increment(ref _retries);
        }

        return isTaken == true;
    }

    private static async Task<long> ScalarAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
