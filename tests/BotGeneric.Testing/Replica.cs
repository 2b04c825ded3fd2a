using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BotGeneric.AppHost.Native;

namespace BotGeneric.Testing;

/// <summary>
/// One more process of a resource that runs: the same program with the same environment on other ports, as a second replica of it has. It ends with the test process.
/// </summary>
public sealed class Replica : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private Replica(Process process, Uri address)
    {
        _process = process;
        Address = address;
        // Somebody has to read, or the process waits for it.
        _reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="application">The application.</param>
    /// <param name="resource">The resource, which runs.</param>
    public static async Task<Replica> StartAsync(AppHostProcess application, string resource)
    {
        ArgumentNullException.ThrowIfNull(application);
        var running = application.ProcessIdOf(resource) ?? throw new InvalidOperationException($"{resource} does not run.");
        var command = await ReadAsync($"/proc/{running}/cmdline");
        var environment = (await ReadAsync($"/proc/{running}/environ"))
            .Select(variable => variable.Split('=', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        environment["ASPNETCORE_URLS"] = address.OriginalString;
        environment["Management__Port"] = $"{FreePort()}";
        var replica = new Replica(
            ProcessLauncher.Start(
                new ProcessSpec
                {
                    Name = $"{resource}-replica",
                    FileName = command[0],
                    Arguments = [.. command.Skip(1)],
                    WorkingDirectory = new FileInfo($"/proc/{running}/cwd").ResolveLinkTarget(returnFinalTarget: true)!.FullName,
                    Environment = environment,
                },
                environment[ProcessLauncher.RunVariable]),
            address);
        using var client = new HttpClient { BaseAddress = address };
        await Eventually.EqualAsync(true, () => AnswersAsync(client), $"a second {resource} to answer");
        return replica;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/alive", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string[]> ReadAsync(string path) =>
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync(path)).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
