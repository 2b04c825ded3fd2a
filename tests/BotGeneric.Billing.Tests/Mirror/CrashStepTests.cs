using BotGeneric.Testing;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Where Billing stands when it is killed, in the order in which it comes there.</summary>
public enum CrashStep
{
    /// <summary>The delivery is there and not yet in the inbox.</summary>
    ReceivedNotStored,

    /// <summary>The inbox has it, and Paddle has no answer.</summary>
    StoredNotAnswered,

    /// <summary>Paddle has its 200, and no worker has taken the event.</summary>
    AnsweredNotClaimed,

    /// <summary>The worker has taken it and done nothing.</summary>
    ClaimedNotApplied,

    /// <summary>The mirror is changed within the transaction, and the others are not told there.</summary>
    AppliedNotTold,

    /// <summary>Everything is written within the transaction, and it does not commit.</summary>
    ToldNotCommitted,

    /// <summary>The transaction commits, and nobody is there to hear of it.</summary>
    CommittedUnheard,

    /// <summary>The transaction is committed and no dispatcher has looked into the outbox.</summary>
    CommittedNotPublished,

    /// <summary>The broker has the message and its confirm has not arrived.</summary>
    PublishedNotConfirmed,

    /// <summary>The confirm has arrived and the message is still in the outbox.</summary>
    ConfirmedNotMarked,
}

/// <summary>
/// Billing is stopped at each step between receiving and telling, by what it works with and not by itself, and killed there. Afterwards everything is as if nothing had happened.
/// </summary>
[Collection(CrashTests.Name)]
public sealed class CrashStepTests(CrashWorld world) : IClassFixture<CrashWorld>
{
    private const string Pending = "SELECT count(*) FROM paddle_inbox WHERE event_id = $1 AND status = 'Pending'";
    private const string Applied = "SELECT count(*) FROM paddle_inbox WHERE event_id = $1 AND status = 'Applied'";
    private const string Stored = "SELECT count(*) FROM paddle_inbox WHERE event_id = $1";
    private const string Completed = "SELECT count(*) FROM transactions WHERE paddle_id LIKE '%' || $1 || '%' AND completed_at IS NOT NULL";
    private const string Unsent = "SELECT count(*) FROM outbox WHERE body LIKE '%' || $1 || '%'";

    // A worker that has locked its event; and whoever is about to lock a row of the table.
    private const string HasClaimed =
        "EXISTS (SELECT 1 FROM pg_locks h WHERE h.pid = l.pid AND h.granted AND h.locktype = 'relation' AND h.relation = 'paddle_inbox'::regclass AND h.mode = 'RowShareLock')";

    private const string WantsToClaim = "l.mode = 'RowShareLock'";

    public static TheoryData<CrashStep> Steps => [.. Enum.GetValues<CrashStep>()];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Killed_at_a_step_it_loses_nothing_and_counts_nothing_twice(CrashStep step)
    {
        var prefix = $"step{(int)step}x";
        var (story, account) = CrashWorld.Tell(prefix);
        var events = story.Events.ToList();
        // The first event from which a payment follows.
        var chosen = events.Find(told => told.Body.Contains("\"status\":\"completed\"", StringComparison.Ordinal))!;
        await world.StartAsync();
        var before = await world.RevenueAsync();
        await DeliverAsync(events.TakeWhile(told => told != chosen));
        await world.QuietAsync();

        var isAnswered = await CrashAsync(step, chosen, prefix);
        var heardBefore = Heard(prefix).Count();
        await world.StartAsync();
        // Paddle delivers again what was not answered, and only that.
        Assert.Equal(step >= CrashStep.AnsweredNotClaimed, isAnswered);
        await DeliverAsync(events.SkipWhile(told => told != chosen).Skip(isAnswered ? 1 : 0));
        await world.QuietAsync();

        Assert.Equal(events.Count, await world.CountAsync("SELECT count(*) FROM paddle_inbox WHERE event_id LIKE '%' || $1 || '%'", prefix));
        Assert.Equal(world.Undisturbed, await world.DrawAsync(story, prefix, account));
        Assert.Equal(before + (story.Revenue / 100m), await world.RevenueAsync());
        await VerifyToldAsync(story, account, prefix, step, heardBefore);
    }

    private async Task VerifyToldAsync(PaddleStory story, Guid account, string prefix, CrashStep step, int heardBefore)
    {
        // A message is confirmed once the broker has it, which may be a moment before the tap has.
        await Eventually.GetAsync(() => Task.FromResult(Heard(prefix).Count()), count => count > (step >= CrashStep.PublishedNotConfirmed ? heardBefore : 0), "the payment to be told");
        var subscription = await world.SubscriptionAsync(Assert.Single(story.Subscriptions));
        var revision = await world.CountAsync("SELECT revision::bigint FROM subscriptions WHERE paddle_id = $1", story.Subscriptions[0]);
        await Eventually.EqualAsync(revision, () => Task.FromResult(Told(account).Select(told => told.Revision).DefaultIfEmpty().Max()), "the last revision that was told");

        // A consumer takes each message once, by its id; it is the same whenever it comes.
        var payment = Assert.Single(Heard(prefix).Distinct());
        Assert.Equal(story.Revenue, payment.Amount * 100);
        Assert.Equal(account, payment.AccountId);
        var snapshots = Told(account).DistinctBy(told => told.EventId).ToList();
        Assert.Distinct(snapshots.Select(told => told.Revision));
        var last = snapshots.MaxBy(told => told.Revision)!;
        Assert.Equal(("active", "pro", true), (last.Status, last.PlanCode, last.GrantsAccess));
        Assert.NotNull(last.PaidPeriodStart);
        Assert.Equal(("active", "pro", true), (subscription.GetProperty("status").GetString(), subscription.GetProperty("planCode").GetString(), subscription.GetProperty("grantsAccess").GetBoolean()));
    }

    private Task<bool> CrashAsync(CrashStep step, StoryEvent chosen, string prefix) => step switch
    {
        CrashStep.ReceivedNotStored => AtTheDoorAsync(Turnstile.InboxInsert, chosen, hold => hold.CutAsync(), stored: 0),
        CrashStep.StoredNotAnswered => AtTheDoorAsync(Turnstile.InboxCommit, chosen, hold => hold.EndAsync(), stored: 1),
        CrashStep.AnsweredNotClaimed => BeforeTheClaimAsync(chosen),
        CrashStep.ClaimedNotApplied => AfterTheClaimAsync(chosen, prefix),
        CrashStep.AppliedNotTold => WithinTheTransactionAsync(Turnstile.OutboxInsert, chosen, hold => hold.EndAsync(), prefix, isCommitted: false),
        CrashStep.ToldNotCommitted => WithinTheTransactionAsync(Turnstile.OutboxCommit, chosen, hold => hold.CutAsync(), prefix, isCommitted: false),
        CrashStep.CommittedUnheard => WithinTheTransactionAsync(Turnstile.OutboxCommit, chosen, hold => hold.EndAsync(), prefix, isCommitted: true),
        CrashStep.CommittedNotPublished => BeforeTheDispatcherAsync(chosen, prefix),
        CrashStep.PublishedNotConfirmed => BeforeTheConfirmAsync(chosen, prefix),
        CrashStep.ConfirmedNotMarked => AfterTheConfirmAsync(chosen, prefix),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private async Task<bool> AtTheDoorAsync(Turnstile turnstile, StoryEvent chosen, Func<DatabaseHold, Task> end, long stored)
    {
        await using var hold = await world.Turnstiles.CloseAsync(turnstile);
        var delivery = world.DeliverAsync(chosen);
        await hold.StoppedAsync();
        await world.KillAsync();
        await end(hold);
        Assert.Equal(stored, await world.CountAsync(Stored, chosen.EventId));
        return await delivery;
    }

    private async Task<bool> BeforeTheClaimAsync(StoryEvent chosen)
    {
        await using var door = await world.Turnstiles.CloseAsync(Turnstile.InboxCommit);
        var delivery = world.DeliverAsync(chosen);
        await door.StoppedAsync();
        await using var hold = await world.Turnstiles.LockAsync("paddle_inbox", "EXCLUSIVE", behind: door);
        var isAnswered = await delivery;
        await hold.StoppedAsync(WantsToClaim);
        await world.KillAsync();
        await hold.EndAsync();
        Assert.Equal(1, await world.CountAsync(Pending, chosen.EventId));
        return isAnswered;
    }

    private async Task<bool> AfterTheClaimAsync(StoryEvent chosen, string prefix)
    {
        await using var hold = await world.Turnstiles.LockAsync("transactions", "ACCESS EXCLUSIVE");
        var isAnswered = await world.DeliverAsync(chosen);
        await hold.StoppedAsync(HasClaimed);
        await world.KillAsync();
        await hold.EndAsync();
        Assert.Equal((1, 0), (await world.CountAsync(Pending, chosen.EventId), await world.CountAsync(Completed, prefix)));
        return isAnswered;
    }

    private async Task<bool> WithinTheTransactionAsync(Turnstile turnstile, StoryEvent chosen, Func<DatabaseHold, Task> end, string prefix, bool isCommitted)
    {
        await using var hold = await world.Turnstiles.CloseAsync(turnstile);
        var isAnswered = await world.DeliverAsync(chosen);
        await hold.StoppedAsync();
        await world.KillAsync();
        await end(hold);
        Assert.Equal(1, await world.CountAsync(isCommitted ? Applied : Pending, chosen.EventId));
        Assert.Equal(isCommitted ? 1 : 0, await world.CountAsync(Completed, prefix));
        Assert.Equal(isCommitted ? 1 : 0, await world.CountAsync(Unsent, prefix));
        Assert.Empty(Heard(prefix));
        return isAnswered;
    }

    private async Task<bool> BeforeTheDispatcherAsync(StoryEvent chosen, string prefix)
    {
        await using var commit = await world.Turnstiles.CloseAsync(Turnstile.OutboxCommit);
        var isAnswered = await world.DeliverAsync(chosen);
        await commit.StoppedAsync();
        await using var hold = await world.Turnstiles.LockAsync("outbox", "EXCLUSIVE", behind: commit);
        await hold.StoppedAsync(WantsToClaim);
        await world.KillAsync();
        await hold.EndAsync();
        Assert.Equal((1, 1), (await world.CountAsync(Applied, chosen.EventId), await world.CountAsync(Unsent, prefix)));
        Assert.Empty(Heard(prefix));
        return isAnswered;
    }

    private async Task<bool> BeforeTheConfirmAsync(StoryEvent chosen, string prefix)
    {
        world.Broker.HoldAnswers();
        try
        {
            var isAnswered = await world.DeliverAsync(chosen);
            await Eventually.GetAsync(() => Task.FromResult(Heard(prefix).Count()), count => count == 1, "the message to be with the broker");
            await world.KillAsync();
            Assert.Equal((1, 1), (await world.CountAsync(Applied, chosen.EventId), await world.CountAsync(Unsent, prefix)));
            return isAnswered;
        }
        finally
        {
            world.Broker.LetGo();
        }
    }

    private async Task<bool> AfterTheConfirmAsync(StoryEvent chosen, string prefix)
    {
        await using var hold = await world.Turnstiles.CloseAsync(Turnstile.OutboxDelete);
        var isAnswered = await world.DeliverAsync(chosen);
        await hold.StoppedAsync();
        await world.KillAsync();
        await hold.EndAsync();
        Assert.Equal((1, 1), (await world.CountAsync(Applied, chosen.EventId), await world.CountAsync(Unsent, prefix)));
        await Eventually.GetAsync(() => Task.FromResult(Heard(prefix).Count()), count => count == 1, "the message to be with the broker");
        return isAnswered;
    }

    // The tap hears every Billing of this test run.
    private IEnumerable<Contracts.Billing.V1.PaymentCompleted> Heard(string prefix) =>
        world.Payments.Events.Where(told => told.TransactionId.Contains($"_{prefix}", StringComparison.Ordinal));

    private IEnumerable<Contracts.Billing.V1.SubscriptionChanged> Told(Guid account) => world.Subscriptions.Events.Where(told => told.AccountId == account);

    private async Task DeliverAsync(IEnumerable<StoryEvent> events)
    {
        foreach (var told in events)
        {
            Assert.True(await world.DeliverAsync(told));
        }
    }
}
