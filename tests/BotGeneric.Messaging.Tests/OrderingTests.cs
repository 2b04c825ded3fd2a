using BotGeneric.Messaging.Outbox;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.Messaging.Tests;

/// <summary>Messages of one ordering key leave in their order.</summary>
public sealed class OrderingTests
{
    [Fact]
    public async Task Two_dispatchers_at_once_keep_the_order_of_every_key()
    {
        const int positions = 100;
        await using var world = await LedgerWorld.CreateAsync();
        var tap = await Tap.OpenAsync(world);
        var accounts = Enumerable.Range(1, 20).Select(n => $"account-{n}").ToArray();
        await using var process = world.StartProcess(LedgerRoles.Publish);
        await world.StartAsync(LedgerRoles.Publish, options => options.OutboxBatchSize = 37);

        await Task.WhenAll(accounts.Chunk(5).Select(async chunk =>
        {
            for (var position = 1; position <= positions; position++)
            {
                foreach (var account in chunk)
                    await world.InsertAsync(Some.Deposit(account, position, ordered: true));
            }
        }));

        await Eventually.GetAsync(() => Task.FromResult(tap.Heard.Count), count => count >= accounts.Length * positions, "messages heard");
        // Neither was killed, so nothing came twice either, and the order is that of all messages and not only of their first appearance.
        Assert.Equal(accounts.Length * positions, tap.Heard.Count);
        tap.AssertOrdered(accounts, positions);
        Assert.True(process.IsRunning);
    }

    [Fact]
    public async Task A_key_has_one_owner_until_its_transaction_ends()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.InsertAsync([.. Some.Deposits("x", 3), .. Some.Deposits("y", 1)]);
        await using var first = await world.DataSource.OpenConnectionAsync();
        await using var second = await world.DataSource.OpenConnectionAsync();

        await using var owner = await first.BeginTransactionAsync();
        Assert.Equal(2, (await ClaimAsync(first, owner, limit: 2)).Count);
        await using (var other = await second.BeginTransactionAsync())
            Assert.All(await ClaimAsync(second, other), row => Assert.Equal("y", row.OrderingKey));

        await DeleteFirstAsync(first, owner, 2);
        await using (var other = await second.BeginTransactionAsync())
            Assert.DoesNotContain(await ClaimAsync(second, other), row => row.OrderingKey == "x");
        await owner.CommitAsync();

        await using (var next = await second.BeginTransactionAsync())
            Assert.Equal(["x", "y"], (await ClaimAsync(second, next)).Select(row => row.OrderingKey));
    }

    [Fact]
    public async Task A_row_that_waits_holds_back_the_rows_behind_it()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.InsertAsync([.. Some.Deposits("x", 4), .. Some.Deposits("y", 1)]);
        await world.ExecuteAsync("UPDATE outbox SET not_before = now() + interval '1 hour' WHERE sequence = 2");

        await using var connection = await world.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        Assert.Equal([1L, 5L], (await ClaimAsync(connection, transaction)).Select(row => row.Sequence));
    }

    [Fact]
    public async Task A_message_is_not_published_before_its_time_and_not_long_after()
    {
        await using var world = await LedgerWorld.CreateAsync();
        // A poll would come after the timeout of the test: only knowing the time of the next row can deliver it.
        await world.StartAsync(LedgerRoles.Publish | LedgerRoles.ConsumeSingle, options => options.OutboxPollInterval = TimeSpan.FromMinutes(5));
        var due = TimeProvider.System.GetUtcNow().AddSeconds(5);
        await world.InsertAsync(Some.Deposit("later") with { NotBefore = due });
        await world.InsertAsync(Some.Deposit("now"));

        await world.EffectsAsync(2);
        var handled = await world.ScalarAsync<DateTime>(HandledAt("later"));
        Assert.True(await world.ScalarAsync<DateTime>(HandledAt("now")) <= handled, "What was due at once came behind what was not.");
        Assert.True(handled >= due.UtcDateTime, $"Handled at {handled:O}, due at {due:O}.");
    }

    private static string HandledAt(string account) =>
        $"SELECT processed_at FROM inbox WHERE message_id = (SELECT event_id FROM effects WHERE account = '{account}')";

    private static Task<List<OutboxRow>> ClaimAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int limit = 100) =>
        OutboxClaim.OrderedAsync(connection, transaction, TimeProvider.System.GetUtcNow(), limit, CancellationToken.None);

    private static async Task DeleteFirstAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, int count)
    {
        await using var delete = new NpgsqlCommand("DELETE FROM outbox WHERE sequence <= $1", connection, transaction)
        {
            Parameters = { new() { Value = (long)count } },
        };
        await delete.ExecuteNonQueryAsync();
    }
}
