using System.Diagnostics;
using System.Net;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>Billing as a process, for tests that kill it.</summary>
internal static class BillingProcess
{
    /// <summary>An address that nobody listens on.</summary>
    public static Uri FreeAddress() => new($"http://127.0.0.1:{FreePorts.Take()}");

    /// <summary>What it is started with.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync(Uri address, TestDatabase database, TestIssuer issuer, string? broker = null)
    {
        var environment = BillingApplication.DefaultSettings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["ASPNETCORE_ENVIRONMENT"] = "Staging";
        environment["ASPNETCORE_URLS"] = address.ToString();
        environment["ConnectionStrings__billing-db"] = database.ConnectionString;
        environment["ConnectionStrings__redis"] = await TestServers.RedisAsync();
        environment["ConnectionStrings__rabbitmq"] = broker ?? await TestServers.RabbitMqAsync();
        environment["Database__MigrateOnStart"] = "true";
        environment["Authentication__Issuer"] = TestTokens.Issuer;
        environment["Authentication__JwksAddress"] = issuer.JwksAddress;
        return environment;
    }

    /// <summary>Starts it. It answers a while later.</summary>
    public static Process Start(Dictionary<string, string> environment)
    {
        var assembly = RepositoryPaths.OutputOf("services/Billing/BotGeneric.Billing.csproj");
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>Waits until it answers.</summary>
    public static Task ReadyAsync(HttpClient client) => Eventually.EqualAsync(
        HttpStatusCode.OK,
        async () =>
        {
            try
            {
                using var response = await client.GetAsync("/alive");
                return response.StatusCode;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                return HttpStatusCode.ServiceUnavailable;
            }
        },
        "Billing to be up");

    /// <summary>Delivers once, as Paddle does.</summary>
    /// <returns>Whether it was answered 200; null when there was no answer.</returns>
    public static async Task<bool?> DeliverAsync(HttpClient client, string body)
    {
        try
        {
            using var request = BillingApplication.Delivery(body);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
