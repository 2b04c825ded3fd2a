using System.Globalization;
using BotGeneric.Testing;

namespace BotGeneric.Benchmarks;

/// <summary>The processor time that each resource of a running system and the processes it has begun have used, in seconds.</summary>
internal sealed class ProcessorTimes
{
    private const double TicksPerSecond = 100;
    private readonly Dictionary<string, double> _seconds;

    private ProcessorTimes(Dictionary<string, double> seconds) => _seconds = seconds;

    /// <summary>Reads them now.</summary>
    internal static ProcessorTimes Of(AppHostProcess application)
    {
        var processes = Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(folder => Read(Path.Combine(folder, "stat"))).OfType<Entry>().ToDictionary(entry => entry.Id);
        var resources = application.State.Resources.Where(resource => resource.Value.ProcessId is not null)
            .ToDictionary(resource => resource.Value.ProcessId!.Value, resource => resource.Key);
        var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in processes.Values)
        {
            for (var ancestor = entry; ancestor is not null; ancestor = processes.GetValueOrDefault(ancestor.Parent))
            {
                if (resources.TryGetValue(ancestor.Id, out var resource))
                {
                    seconds[resource] = seconds.GetValueOrDefault(resource) + (entry.Ticks / TicksPerSecond);
                    break;
                }
            }
        }

        return new ProcessorTimes(seconds);
    }

    /// <summary>What was used since then, as a text: microseconds for each of a number of things, most first.</summary>
    internal string Since(ProcessorTimes before, int things) => string.Join(
        ", ",
        _seconds.Select(entry => (entry.Key, Each: (entry.Value - before._seconds.GetValueOrDefault(entry.Key)) * 1_000_000 / things))
            .Where(entry => entry.Each >= 1)
            .OrderByDescending(entry => entry.Each)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Each:0}")));

    private static Entry? Read(string file)
    {
        try
        {
            // The name is in parentheses and may hold anything; numbers follow: see proc(5).
            var text = File.ReadAllText(file);
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Entry(
                int.Parse(text[..text.IndexOf(' ')], CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                Enumerable.Range(11, 4).Sum(index => long.Parse(fields[index], CultureInfo.InvariantCulture)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not a process, or one that has ended meanwhile.
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, long Ticks);
}
