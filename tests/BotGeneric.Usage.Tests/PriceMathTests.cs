using System.Globalization;
using System.Numerics;
using System.Text.Json;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;
using CsCheck;

namespace BotGeneric.Usage.Tests;

/// <summary>Costs are exact, in decimals and to the last digit.</summary>
public sealed class PriceMathTests
{
    // As prices may be: less than 10, with at most 18 decimals.
    private static readonly Gen<decimal> Price = Gen.Int[6, PriceTier.MaximumDecimals].SelectMany(
        scale => Gen.Long[0, (long)Math.Min((PriceTier.MaximumTokenPrice * Power(scale)) - 1, long.MaxValue)].Select(digits => digits / Power(scale)));

    [Fact]
    public void A_cost_is_the_sum_of_tokens_times_prices()
    {
        PriceTier[] tiers = [new() { Input = 0.0000025m, CachedInput = 0.00000125m, CacheWrite = 0.000003125m, Output = 0.00001m, Reasoning = 0.00002m, PerRequest = 0.001m }];

        // 0.001 + 1000 × 2.5 + 200 × 1.25 + 40 × 3.125 + 30 × 10 + 7 × 20, in millionths.
        Assert.Equal(0.004315m, PriceMath.Cost(tiers, new TokenPools(1000, 200, 40, 30, 7)));
    }

    [Fact]
    public void Pools_without_a_price_of_their_own_cost_what_input_and_output_cost()
    {
        PriceTier[] tiers = [new() { Input = 0.000001m, Output = 0.00001m }];

        Assert.Equal(0.000001m * 6 + 0.00001m * 9, PriceMath.Cost(tiers, new TokenPools(1, 2, 3, 4, 5)));
    }

    [Theory]
    [InlineData(128_000, "0.384")]
    [InlineData(128_001, "0.768006")]
    public void The_tier_is_chosen_by_the_whole_input_and_holds_for_every_token(long input, string cost)
    {
        PriceTier[] tiers = [new() { Input = 0.000003m, Output = 0 }, new() { AboveInputTokens = 128_000, Input = 0.000006m, Output = 0 }];

        Assert.Equal(decimal.Parse(cost, CultureInfo.InvariantCulture), PriceMath.Cost(tiers, new TokenPools(input - 2_000, 1_000, 1_000, 0, 0)));
    }

    [Fact]
    public void No_product_is_ever_rounded_before_the_sum() =>
        Gen.Select(Price, Price, Gen.Long[0, CloudEventLimits.MaximumTokens], Gen.Long[0, CloudEventLimits.MaximumTokens]).Sample((input, output, fresh, visible) =>
        {
            var cost = PriceMath.Cost([new PriceTier { Input = input, Output = output }], new TokenPools(fresh, 0, 0, visible, 0));

            var exact = (Scaled(input) * fresh) + (Scaled(output) * visible);
            var (whole, rest) = BigInteger.DivRem(exact, 1_000_000);
            var rounded = rest > 500_000 || (rest == 500_000 && !whole.IsEven) ? whole + 1 : whole;
            return rounded == new BigInteger(cost * 1_000_000_000_000m);
        });

    [Fact]
    public void More_tokens_than_the_ledger_takes_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => PriceMath.Cost([new PriceTier { Input = 1, Output = 1 }], new TokenPools(CloudEventLimits.MaximumTokens + 1, 0, 0, 0, 0)));

    [Theory]
    [InlineData("7.5e-08", "0.000000075")]
    [InlineData("3.625e-09", "0.000000003625")]
    [InlineData("0.00018", "0.00018")]
    [InlineData("0", "0")]
    public void Prices_are_read_as_decimals_also_with_an_exponent(string text, string written)
    {
        using var json = JsonDocument.Parse(text);

        Assert.True(DecimalText.TryReadPrice(json.RootElement, out var price, out var isRounded));
        Assert.Equal((written, false), (DecimalText.Write(price), isRounded));
    }

    [Fact]
    public void A_figure_calculated_in_binary_is_rounded_and_says_so()
    {
        using var json = JsonDocument.Parse("1.5000999999999998e-07");

        Assert.True(DecimalText.TryReadPrice(json.RootElement, out var price, out var isRounded));
        Assert.Equal(("0.00000015001", true), (DecimalText.Write(price), isRounded));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("\"free\"")]
    [InlineData("1e40")]
    [InlineData("true")]
    public void What_is_no_price_is_refused(string text)
    {
        using var json = JsonDocument.Parse(text);

        Assert.False(DecimalText.TryReadPrice(json.RootElement, out _, out _));
    }

    [Fact]
    public void The_prices_that_come_with_the_service_are_valid_and_name_no_model_twice()
    {
        var prices = StartingPrices.Read(DateTimeOffset.UnixEpoch);

        Assert.InRange(prices.Count, 40, 100);
        Assert.All(prices, price => Assert.Empty(price.Check()));
        Assert.Equal(prices.Count, prices.DistinctBy(price => (price.Provider, price.Model)).Count());
    }

    private static BigInteger Scaled(decimal price) => new(price * Power(PriceTier.MaximumDecimals));

    private static decimal Power(int exponent) => (decimal)BigInteger.Pow(10, exponent);
}
