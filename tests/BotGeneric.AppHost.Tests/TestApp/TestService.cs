using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace BotGeneric.AppHost.TestApp;

/// <summary>A service that behaves as a test wants it to.</summary>
internal static class TestService
{
    public static async Task<int> RunAsync(string behaviour)
    {
        if (behaviour == "dies")
        {
            Console.WriteLine("about to give up");
            Console.Error.WriteLine("the reason is a test");
            return 3;
        }

        var builder = WebApplication.CreateBuilder();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddAspNetCoreInstrumentation()).UseOtlpExporter();
        var app = builder.Build();
        app.MapGet("/health", () => "Healthy");
        app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value));
        app.MapGet("/fail", IResult () => throw new InvalidOperationException("asked to fail"));
        app.Logger.LogSomething();
        if (behaviour == "ignores-sigterm")
        {
            // A grandchild, and no reaction to the polite way of being stopped.
            using var child = Process.Start(new ProcessStartInfo("sleep", ["1000"]) { RedirectStandardOutput = true })!;
            using var registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
            app.MapGet("/child", () => child.Id);
            await app.StartAsync();
            await Task.Delay(Timeout.Infinite);
        }

        await app.RunAsync();
        return 0;
    }
}
