using System.Diagnostics;
using BotGeneric.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class TraceSamplingTests
{
    [Theory]
    [InlineData("Development", null, 1)]
    [InlineData("Production", null, 0.1)]
    [InlineData("Production", "0.5", 0.5)]
    [InlineData("Development", "0", 0)]
    public async Task What_is_recorded_follows_the_configuration_else_the_environment(string environment, string? configured, double expected)
    {
        await using var app = Build(environment, configured);

        Assert.Equal(expected, app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value.TraceSampleRatio);
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("1.1")]
    public async Task A_part_that_is_none_is_refused(string configured)
    {
        await using var app = Build("Production", configured);

        Assert.Throws<OptionsValidationException>(() => app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value);
    }

    [Theory]
    [InlineData("0", ActivityTraceFlags.Recorded, true)]
    [InlineData("1", ActivityTraceFlags.None, false)]
    public async Task Whoever_began_the_trace_decides(string configured, ActivityTraceFlags flags, bool recorded)
    {
        await using var app = Build("Production", configured);
        _ = app.Services.GetRequiredService<TracerProvider>();
        using var source = new ActivitySource("BotGeneric.Sampling");
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);

        using var activity = source.StartActivity("test", ActivityKind.Server, parent);

        Assert.Equal(recorded, activity?.Recorded ?? false);
    }

    private static WebApplication Build(string environment, string? ratio)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration["Authentication:Issuer"] = "https://bot.test/";
        // A key that is there without a value would be read as 0.
        if (ratio is not null)
        {
            builder.Configuration["Telemetry:TraceSampleRatio"] = ratio;
        }

        builder.AddServiceDefaults();
        return builder.Build();
    }
}
