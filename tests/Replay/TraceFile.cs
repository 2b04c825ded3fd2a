using System.Globalization;

namespace BotGeneric.Replay;

/// <summary>One request of a trace.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Time">When it was made, UTC.</param>
/// <param name="InputTokens">Tokens sent to the model.</param>
/// <param name="OutputTokens">Tokens produced by the model.</param>
public sealed record TraceRow(int Number, DateTimeOffset Time, long InputTokens, long OutputTokens);

/// <summary>
/// A trace as CSV with a header line and the columns <c>TIMESTAMP</c>, <c>ContextTokens</c> and <c>GeneratedTokens</c>, in any order and among
/// others. Times without an offset are UTC.
/// </summary>
public static class TraceFile
{
    private const string Time = "TIMESTAMP";
    private const string Input = "ContextTokens";
    private const string Output = "GeneratedTokens";

    /// <summary>Reads a trace.</summary>
    /// <param name="lines">The lines of the file.</param>
    /// <returns>Its rows, in the file's order.</returns>
    /// <exception cref="FormatException">A column is missing or a line cannot be read; the message names it.</exception>
    public static IReadOnlyList<TraceRow> Read(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        using var reader = lines.GetEnumerator();
        string[] header = reader.MoveNext() ? reader.Current.TrimStart('\uFEFF').Split(',') : [];
        var (time, input, output) = (Column(header, Time), Column(header, Input), Column(header, Output));
        var rows = new List<TraceRow>();
        while (reader.MoveNext())
        {
            if (reader.Current.Length == 0)
            {
                continue;
            }

            var fields = reader.Current.Split(',');
            rows.Add(fields.Length == header.Length
                ? new TraceRow(rows.Count + 1, ReadTime(fields[time], rows.Count), ReadTokens(fields[input], rows.Count), ReadTokens(fields[output], rows.Count))
                : throw Unreadable(rows.Count, $"it has {fields.Length} fields, the header {header.Length}"));
        }

        return rows;
    }

    /// <summary>Makes a trace up: exponential gaps, long-tailed sizes, the same for the same seed.</summary>
    /// <param name="count">Its number of rows.</param>
    /// <param name="start">The time of the first row.</param>
    /// <param name="seed">Which of all traces.</param>
    /// <returns>Its lines, with the header.</returns>
    public static IEnumerable<string> Generate(int count, DateTimeOffset start, int seed)
    {
        var random = new Random(seed);
        var time = start.UtcDateTime;
        yield return string.Join(',', Time, Input, Output);
        for (var row = 0; row < count; row++)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{time:yyyy-MM-dd HH:mm:ss.fffffff},{LongTail(random, 2000)},{LongTail(random, 60)}");
            time = time.AddSeconds(-Math.Log(1 - random.NextDouble()) * 20);
        }
    }

    private static long LongTail(Random random, double median) => (long)(median * Math.Exp(2 * (random.NextDouble() + random.NextDouble() - 1)));

    private static int Column(string[] header, string name) => Array.FindIndex(header, field => field.Trim() == name) is >= 0 and var index
        ? index
        : throw new FormatException($"The first line has no column {name}. Needed are {Time}, {Input} and {Output}.");

    private static DateTimeOffset ReadTime(string text, int row) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Unreadable(row, $"'{text}' is no time");

    private static long ReadTokens(string text, int row) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens)
        ? tokens
        : throw Unreadable(row, $"'{text}' is no number of tokens");

    private static FormatException Unreadable(int row, string reason) => new($"Row {row + 1} cannot be read: {reason}.");
}
