namespace BotGeneric.AppHost.Native;

/// <summary>Tells the log lines that a person should see at once: warnings, errors, and the lines that belong to them.</summary>
internal sealed class LogFilter
{
    // The console loggers of .NET and of the service defaults; stack traces are indented below their line.
    private const string Continuation = "   ";

    private static readonly string[] Beginnings = ["warn:", "fail:", "crit:", "warn ", "fail ", "crit ", "Unhandled exception"];
    private static readonly string[] Markers =
    [
        "\"level\":\"Warning\"", "\"level\":\"Error\"", "\"level\":\"Critical\"", " FATAL: ", " PANIC: ", "[error]", "[critical]",
        "No space left on device",
    ];

    // What PostgreSQL answers to the engine's own question whether it is ready.
    private const string Expected = "FATAL:  the database system is starting up";

    private bool _important;

    public bool IsImportant(string line)
    {
        if (!_important || !line.StartsWith(Continuation, StringComparison.Ordinal))
        {
            _important = (Beginnings.Any(beginning => line.StartsWith(beginning, StringComparison.Ordinal))
                || Markers.Any(marker => line.Contains(marker, StringComparison.Ordinal))) && !line.EndsWith(Expected, StringComparison.Ordinal);
        }

        return _important;
    }
}
