using System.Diagnostics;
using System.Globalization;
using BotGeneric.Messaging;
using BotGeneric.Messaging.TestHost;
using Microsoft.Extensions.Hosting;

// Usage: BotGeneric.Messaging.TestHost <roles> [<step> <count>]
// The connection strings come in the environment. With a step, the process kills itself (SIGKILL) when it has reached it that often.
if (args.Length is not (1 or 3) || !Enum.TryParse<LedgerRoles>(args[0], out var roles))
{
    Console.Error.WriteLine("Usage: BotGeneric.Messaging.TestHost <roles> [<step> <count>]");
    return 2;
}

if (args is [_, var step, var count])
    MessagingDiagnostics.Steps.Subscribe(new KillAtStep(step, int.Parse(count, CultureInfo.InvariantCulture)), name => name == step);

using var host = Ledger.Build(
    Environment.GetEnvironmentVariable("LEDGER_DATABASE") ?? throw new InvalidOperationException("LEDGER_DATABASE is missing."),
    Environment.GetEnvironmentVariable("LEDGER_BROKER") ?? throw new InvalidOperationException("LEDGER_BROKER is missing."),
    roles);
// Whoever started this process holds the other end of its input: when that process is gone, this one is not to stay behind.
using var orphaned = new CancellationTokenSource();
_ = Task.Run(async () =>
{
    await Console.In.ReadToEndAsync();
    await orphaned.CancelAsync();
});
await host.RunAsync(orphaned.Token);
return 0;

/// <summary>Ends the process as a power cut would.</summary>
internal sealed class KillAtStep(string step, int count) : IObserver<KeyValuePair<string, object?>>
{
    private int _seen;

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != step || Interlocked.Increment(ref _seen) != count)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // Nothing of this process may go on while the signal is on its way.
        Thread.Sleep(Timeout.Infinite);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error) => throw error;
}
