using CsCheck;
using Xunit.Abstractions;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>The provider delivers at least once, in any order and at any time. Whatever it does, what is known and told in the end is the same.</summary>
public sealed class AnyOrderTests(MirrorApplication application, ITestOutputHelper output) : IClassFixture<MirrorApplication>
{
    private const int Lives = 30;

    private static readonly Gen<(StoryStep Step, int Which)[]> Steps =
        Gen.Select(Gen.Enum<StoryStep>(), Gen.Int[0, 1]).Array[2, 14];

    [Fact]
    public async Task Every_order_repetition_and_delay_ends_as_the_ordered_delivery_does()
    {
        var random = new Random(20260131);
        var lives = Enumerable.Range(0, Lives).Select(number => Life.Imagine(number, random)).ToList();

        await application.StoreAsync(lives.SelectMany(life => life.Ordered.Events));
        await application.ApplyAsync();
        foreach (var part in Deliver([.. lives.SelectMany(life => life.Permuted.Events)], random))
        {
            await application.StoreAsync(part);
            await application.ApplyAsync(workers: 3);
        }

        await application.InDatabaseAsync(async db =>
        {
            foreach (var life in lives)
            {
                var ordered = await Picture.DrawAsync(db, life.Ordered, life.OrderedPrefix, life.OrderedAccount);
                var permuted = await Picture.DrawAsync(db, life.Permuted, life.PermutedPrefix, life.PermutedAccount);
                Assert.Equal(ordered, permuted);

                // An account of the money that nobody here has kept for the mirror.
                var paid = (await Picture.PaymentsAsync(db, life.PermutedPrefix)).Where(told => told.CountsAsRevenue).Sum(told => told.Amount);
                var back = (await Picture.RefundsAsync(db, life.PermutedPrefix)).Sum(told => told.Amount);
                Assert.Equal(life.Permuted.Revenue, (paid - back) * (life.Permuted.Currency == "JPY" ? 1 : 100));
            }
        });
        output.WriteLine($"{lives.Count} lives, {lives.Sum(life => life.Ordered.Events.Count)} events, each delivered in order and out of it.");
    }

    [Fact]
    public void Any_order_of_a_life_ends_in_the_same_subscription_paid_period_and_access() => Gen.Select(Gen.Int, Steps).Sample(
        (seed, steps) =>
        {
            var account = Guid.CreateVersion7();
            var events = PaddleStory.Tell("pure", seed, steps, [BillingApplication.References.Create(Guid.CreateVersion7(), account)]).Events;
            var shuffled = events.Concat(events.Where((_, index) => index % 3 == 0)).ToArray();
            new Random(seed).Shuffle(shuffled);

            var now = events[^1].OccurredAt;
            Assert.Equal(PureMirror.After(events, now), PureMirror.After(shuffled, now));
        },
        iter: 3000);

    // In parts, as after an outage, and some of it twice, in the same part or much later.
    private static IEnumerable<StoryEvent[]> Deliver(StoryEvent[] events, Random random)
    {
        var all = events.Concat(events.Where(_ => random.Next(3) == 0)).ToArray();
        random.Shuffle(all);
        return all.Chunk((all.Length / 5) + 1);
    }

    private sealed record Life(
        PaddleStory Ordered, string OrderedPrefix, Guid? OrderedAccount, PaddleStory Permuted, string PermutedPrefix, Guid? PermutedAccount)
    {
        public static Life Imagine(int number, Random random)
        {
            var steps = Enum.GetValues<StoryStep>();
            var seed = random.Next();
            var life = Enumerable.Range(0, random.Next(4, 12)).Select(_ => (steps[random.Next(steps.Length)], random.Next(2))).ToList();

            // Most are bought once at a checkout of ours, some twice, some elsewhere.
            var (subscriptions, isOurs) = (random.Next(4) == 0 ? 2 : 1, random.Next(5) != 0);
            var (orderedAccount, permutedAccount) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            string?[] References(Guid account) =>
                [.. Enumerable.Range(0, subscriptions).Select(_ => isOurs ? BillingApplication.References.Create(Guid.CreateVersion7(), account) : null)];
            var (ordered, permuted) = ($"ordr{number:00}x", $"perm{number:00}x");
            return new Life(
                PaddleStory.Tell(ordered, seed, life, References(orderedAccount)), ordered, isOurs ? orderedAccount : null,
                PaddleStory.Tell(permuted, seed, life, References(permutedAccount)), permuted, isOurs ? permutedAccount : null);
        }
    }
}
