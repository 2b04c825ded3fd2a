using System.Runtime.InteropServices;

namespace BotGeneric.AppHost.Native;

/// <summary>Ctrl-C, SIGTERM and a closed terminal: the first stops the application in order, the second Ctrl-C at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _force = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StopSignals(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    public CancellationToken Stop => _stop.Token;

    public CancellationToken Force => _force.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
        _force.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // Otherwise the runtime would end the process before the application has been stopped.
        context.Cancel = true;
        // A closed terminal sends SIGHUP more than once; only somebody who insists by hand wants force.
        if (_stop.IsCancellationRequested && context.Signal == PosixSignal.SIGINT)
        {
            _force.Cancel();
        }

        _stop.Cancel();
    }
}
