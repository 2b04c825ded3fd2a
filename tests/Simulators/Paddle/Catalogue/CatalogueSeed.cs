using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Catalogue;

/// <summary>
/// What is on sale at the start, so that the plan of Billing's development settings can be bought at once. No event tells of it.
/// </summary>
internal static class CatalogueSeed
{
    /// <summary>The price that Billing's development settings name.</summary>
    public const string MonthlyPriceId = "pri_01gsz8x8sawmvhz1pv30nge1ke";

    /// <summary>The product of the price.</summary>
    public const string ProductId = "pro_01gsz4t5hdjse780zja8vvr7jg";

    public static void Sow(PaddleWorld world)
    {
        var now = world.Clock.Now;
        world.Products.Add(new Product
        {
            Id = ProductId,
            Name = "Pro",
            Description = "The plan of the development settings.",
            TaxCategory = "saas",
            CreatedAt = now,
            UpdatedAt = now,
        });
        world.Prices.Add(new Price
        {
            Id = MonthlyPriceId,
            ProductId = ProductId,
            Name = "Monthly",
            Description = "Pro, monthly",
            BillingCycle = new TimePeriod("month", 1),
            UnitPrice = new MoneyAmount(3000, "USD"),
            CreatedAt = now,
            UpdatedAt = now,
        });
    }
}
