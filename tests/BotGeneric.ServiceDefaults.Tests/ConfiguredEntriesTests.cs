using BotGeneric.ServiceDefaults.Validation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class ConfiguredEntriesTests
{
    [Theory]
    [InlineData("Shop:Limits:1:Amount", "abc")]
    [InlineData("Shop:Limits:1:Amuont", "5")]
    [InlineData("Shop:Plans:pro:Price", "ten")]
    [InlineData("Shop:Plans:pro:Limits:0:Amount", "")]
    [InlineData("Shop:Plans:pro:Limits:0:Amount", "1.5")]
    public void An_entry_that_cannot_be_read_is_refused_by_its_key_instead_of_left_out(string key, string value)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Read(key, value));

        Assert.Contains(string.Join(':', key.Split(':').Take(3)), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_be_read_is_there()
    {
        var shop = Read("Shop:Limits:1:Amount", "7");

        Assert.Equal([5, 7], shop.Limits.Select(limit => limit.Amount));
        Assert.Equal((9.99m, 3), (shop.Plans["pro"].Price, shop.Plans["pro"].Limits.Single().Amount));
        Assert.Equal(["https://a.example"], shop.Origins);
    }

    private static Shop Read(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Shop:Name"] = "shop",
            ["Shop:Limits:0:Amount"] = "5",
            ["Shop:Plans:pro:Price"] = "9.99",
            ["Shop:Plans:pro:Limits:0:Amount"] = "3",
            ["Shop:Origins:0"] = "https://a.example",
            [key] = value,
        }).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        services.AddOptions<Shop>().BindConfiguration("Shop").ValidateEntries("Shop");
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<Shop>>().Value;
    }

    private sealed class Shop
    {
        public string Name { get; set; } = string.Empty;

        public IList<Limit> Limits { get; } = [];

        public IDictionary<string, Plan> Plans { get; } = new Dictionary<string, Plan>(StringComparer.Ordinal);

        public IReadOnlyList<string> Origins { get; set; } = [];
    }

    private sealed record Plan
    {
        public decimal Price { get; init; }

        public IReadOnlyList<Limit> Limits { get; init; } = [];
    }

    private sealed record Limit
    {
        public int Amount { get; init; }
    }
}
