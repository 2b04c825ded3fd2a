using System.Diagnostics;
using System.Globalization;
using BotGeneric.ServiceDefaults;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Benchmarks;

/// <summary>How long a service takes to tell who is calling: a token that it has validated a moment ago, against one whose signature it checks.</summary>
internal static class TokensBenchmark
{
    public static async Task RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        await using var validating = Service("0");
        await using var remembering = Service("5000");
        var tokens = Enumerable.Range(0, 1_000).Select(_ => "Bearer " + TestTokens.Issue(TestToken.Operator, TimeProvider.System.GetUtcNow())).ToArray();
        await MeasureAsync(validating, tokens, count / 20);
        await MeasureAsync(remembering, tokens, count);
        var (checkedTime, checkedBytes) = await MeasureAsync(validating, tokens, count / 10);
        var (knownTime, knownBytes) = await MeasureAsync(remembering, tokens, count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tokens.Length} tokens of {tokens[0].Length} characters: signature checked {checkedTime:0} ns and {checkedBytes} bytes, remembered {knownTime:0} ns and {knownBytes} bytes, ratio {checkedTime / knownTime:0}"));
    }

    private static WebApplication Service(string remembered)
    {
        var builder = WebApplication.CreateBuilder(
            ["--environment=Staging", $"--Authentication:Issuer={TestTokens.Issuer}", "--Authentication:Audience=billing", $"--Authentication:RememberedTokens={remembered}"]);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.Services.AcceptTestTokens();
        return builder.Build();
    }

    private static async Task<(double Nanoseconds, long Bytes)> MeasureAsync(WebApplication service, string[] tokens, int count)
    {
        await using var scope = service.Services.CreateAsyncScope();
        // The keys are there before the measurement.
        await AuthenticateAsync(tokens[0]);
        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        for (var index = 0; index < count; index++)
        {
            await AuthenticateAsync(tokens[index % tokens.Length]);
        }

        return (Stopwatch.GetElapsedTime(started).TotalNanoseconds / count, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / count);

        async Task AuthenticateAsync(string authorization)
        {
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Authorization = authorization;
            // An object of its own for each request, as in a server.
            var handlers = ActivatorUtilities.CreateInstance<AuthenticationHandlerProvider>(scope.ServiceProvider);
            var handler = await handlers.GetHandlerAsync(context, "Bearer");
            if (!(await handler!.AuthenticateAsync()).Succeeded)
            {
                throw new InvalidOperationException("A good token was refused.");
            }
        }
    }
}
