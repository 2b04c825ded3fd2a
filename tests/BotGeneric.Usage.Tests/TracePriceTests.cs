using System.Globalization;
using System.Numerics;
using BotGeneric.Testing;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace BotGeneric.Usage.Tests;

/// <summary>A trace of real calls, priced with two prices of which the second takes effect in the middle, against the same worked out by hand in whole numbers.</summary>
public sealed class TracePriceTests(RollupApplication application, ITestOutputHelper output) : IClassFixture<RollupApplication>
{
    // In units of 10^-12 dollars for a token.
    private static readonly (long Input, long Output, long HighInput, long HighOutput) Before = (2_500_000, 10_000_000, 5_000_000, 15_000_000);
    private static readonly (long Input, long Output, long HighInput, long HighOutput) After = (1_234_567, 7_654_321, 2_345_678, 9_876_543);

    [Fact]
    public Task A_generated_trace_costs_to_the_last_digit_what_it_costs_by_hand() => PriceAsync("generated", Generated());

    [Fact]
    public async Task The_published_trace_costs_to_the_last_digit_what_it_costs_by_hand()
    {
        // It is no part of the repository.
        var trace = Path.GetFullPath(Path.Combine(RepositoryPaths.Root, "..", "shared", "data", "llm-trace", "AzureLLMInferenceTrace_code.csv"));
        if (!File.Exists(trace))
        {
            output.WriteLine($"Not checked: {trace} is absent; only a generated trace is priced.");
            return;
        }

        await PriceAsync("published", [.. File.ReadLines(trace).Skip(1).Where(line => line.Length > 0).Select(TracedCall.Read)]);
    }

    private async Task PriceAsync(string name, List<TracedCall> calls)
    {
        var change = calls[calls.Count / 2].Time;
        var model = $"trace-{name}";
        await using var scope = application.Services.CreateAsyncScope();
        var catalogue = scope.ServiceProvider.GetRequiredService<PriceCatalogue>();
        Assert.NotNull(await catalogue.AddAsync(Terms(model, calls[0].Time, Before), CancellationToken.None));
        Assert.NotNull(await catalogue.AddAsync(Terms(model, change, After), CancellationToken.None));
        var book = application.Services.GetRequiredService<PriceBook>();
        await book.RefreshIfStaleAsync(CancellationToken.None);

        var cost = calls.Sum(call => book.Find("tests", model, call.Time, new TokenPools(call.Input, 0, 0, call.Output, 0))!.Value.Cost);

        var byHand = BigInteger.Zero;
        foreach (var call in calls)
        {
            var price = call.Time < change ? Before : After;
            byHand += call.Input > 4_000 ? (BigInteger)call.Input * price.HighInput + (BigInteger)call.Output * price.HighOutput : (BigInteger)call.Input * price.Input + (BigInteger)call.Output * price.Output;
        }

        Assert.Equal(byHand, new BigInteger(cost * 1_000_000_000_000m));
        output.WriteLine($"{name}: {calls.Count} calls, {DecimalText.Write(cost)} USD");
    }

    private static PriceTerms Terms(string model, DateTimeOffset from, (long Input, long Output, long HighInput, long HighOutput) price) => new(
        "tests", model, "USD", from, null, "tests",
        [
            new PriceTier { Input = price.Input / 1_000_000_000_000m, Output = price.Output / 1_000_000_000_000m },
            new PriceTier { AboveInputTokens = 4_000, Input = price.HighInput / 1_000_000_000_000m, Output = price.HighOutput / 1_000_000_000_000m },
        ]);

    private static List<TracedCall> Generated()
    {
        var random = new Random(7);
        var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return [.. Enumerable.Range(0, 2_000).Select(_ => new TracedCall(time = time.AddMilliseconds(random.Next(1, 5_000)), random.Next(1, 8_000), random.Next(1, 500)))];
    }

    private sealed record TracedCall(DateTimeOffset Time, long Input, long Output)
    {
        public static TracedCall Read(string line)
        {
            var cells = line.Split(',');
            var time = DateTimeOffset.Parse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            return new TracedCall(PriceCatalogue.ToMicroseconds(time), long.Parse(cells[1], CultureInfo.InvariantCulture), long.Parse(cells[2], CultureInfo.InvariantCulture));
        }
    }
}
