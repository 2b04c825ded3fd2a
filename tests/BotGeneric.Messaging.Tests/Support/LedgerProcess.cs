using System.Diagnostics;
using BotGeneric.Messaging.TestHost;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>The test service as a process of its own.</summary>
internal sealed class LedgerProcess : IAsyncDisposable
{
    /// <summary>What a shell reports for a process that SIGKILL ended: 128 + 9.</summary>
    public const int Killed = 137;

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task<string> _output;

    private LedgerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _output = process.StandardOutput.ReadToEndAsync();
    }

    public static LedgerProcess Start(string database, string broker, LedgerRoles roles, string? step = null, int count = 1)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(Ledger).Assembly.Location, roles.ToString() },
            Environment = { ["LEDGER_DATABASE"] = database, ["LEDGER_BROKER"] = broker, ["DOTNET_TieredPGO"] = "0" },
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (step is not null)
        {
            start.ArgumentList.Add(step);
            start.ArgumentList.Add(count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return new LedgerProcess(Process.Start(start)!);
    }

    public bool IsRunning => !_process.HasExited;

    public void Kill() => _process.Kill();

    /// <summary>Waits until the process has killed itself at its step; it fails when it ends in another way or never gets there.</summary>
    public async Task ExpectKilledAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            Assert.Fail($"The process never reached the step at which it was to die. {await _output}{await _errors}");
        }

        if (_process.ExitCode != Killed)
            Assert.Fail($"The process ended with {_process.ExitCode} instead of being killed. {await _output}{await _errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await Task.WhenAll(_errors, _output);
        _process.Dispose();
    }
}
