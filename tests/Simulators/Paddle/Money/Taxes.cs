using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Money;

/// <summary>What tax a country takes.</summary>
/// <param name="options">Rates that replace the built-in ones.</param>
internal sealed class Taxes(IOptions<PaddleSimulatorOptions> options)
{
    private static readonly Dictionary<string, decimal> BuiltIn = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AT"] = 0.20m,
        ["AU"] = 0.10m,
        ["BE"] = 0.21m,
        ["CH"] = 0.081m,
        ["CZ"] = 0.21m,
        ["DE"] = 0.19m,
        ["DK"] = 0.25m,
        ["ES"] = 0.21m,
        ["FR"] = 0.20m,
        ["GB"] = 0.20m,
        ["IE"] = 0.23m,
        ["IT"] = 0.22m,
        ["JP"] = 0.10m,
        ["KR"] = 0.10m,
        ["NL"] = 0.21m,
        ["NO"] = 0.25m,
        ["PL"] = 0.23m,
        ["PT"] = 0.23m,
        ["SE"] = 0.25m,
        ["UA"] = 0.20m,
        ["US"] = 0m,
    };

    public decimal Rate(string? country) =>
        country is null ? 0m : options.Value.Tax.TryGetValue(country, out var configured) ? configured : BuiltIn.GetValueOrDefault(country, 0m);
}
