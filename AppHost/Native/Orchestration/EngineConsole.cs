namespace BotGeneric.AppHost.Native;

/// <summary>What the person at the terminal reads: one line per state change, and the log lines that matter.</summary>
internal sealed class EngineConsole(TextWriter output, TextWriter errors, bool verbose, TimeProvider time)
{
    private const string Reset = "\e[0m";
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Grey = "\e[90m";
    private static readonly string[] NameColours = ["\e[36m", "\e[33m", "\e[35m", "\e[34m", "\e[96m", "\e[93m", "\e[95m", "\e[94m"];

    private readonly bool _coloured = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _colours = [];
    private int _nameWidth = 10;
    private bool _closed;
    private int _writeFailures;

    /// <summary>Whether every log line is printed.</summary>
    public bool Verbose { get; } = verbose;

    public void Register(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _colours[name] = NameColours[_colours.Count % NameColours.Length];
            _nameWidth = Math.Max(_nameWidth, name.Length);
        }
    }

    public void State(string name, ResourceState state, string? detail = null)
    {
        var colour = state switch
        {
            ResourceState.Healthy => Green,
            ResourceState.Failed or ResourceState.Unhealthy => Red,
            _ => Grey,
        };
        var word = Paint(colour, state.ToString().ToLowerInvariant());
        Write($"{Clock()} {Name(name)} {word}{(detail is null ? "" : ": " + detail)}");
    }

    public void Log(string name, string line) => Write($"{Clock()} {Name(name)} {Paint(Grey, "|")} {line}");

    public void Line(string text = "") => Write(text);

    public void Failure(EngineException exception)
    {
        Write(Paint(Red, exception.Message), errors);
        Write($"  {exception.WayOut}", errors);
    }

    /// <summary>Reports that a file cannot be written, once: while a disk is full, every line of every log has the same to say.</summary>
    public void CannotWrite(string path, Exception exception)
    {
        if (Interlocked.Increment(ref _writeFailures) == 1)
        {
            Failure(new EngineException(
                $"{path} cannot be written: {exception.Message}",
                "Free some space. Everything goes on meanwhile; what cannot be written is missing from the logs and from state.json.", exception));
        }
    }

    private string Clock() => Paint(Grey, time.GetLocalNow().ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));

    private string Name(string name) => Paint(_colours.GetValueOrDefault(name, ""), name.PadRight(_nameWidth));

    private string Paint(string colour, string text) => _coloured && colour.Length > 0 ? colour + text + Reset : text;

    private void Write(string line) => Write(line, output);

    private void Write(string line, TextWriter writer)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                // The terminal is gone; stopping the application in order matters more than telling nobody about it.
                _closed = true;
            }
        }
    }
}
