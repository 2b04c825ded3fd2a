// Replays a trace through the gateway, twice, and says whether every total equals the file's own. Exit code 0 only when it does.
using BotGeneric.Replay;

const string Usage =
    """
    Usage: dotnet run --project tests/Replay -- TRACE.csv --key KEY [--url http://localhost:8080] [--account UUID] [--batch 500]
           dotnet run --project tests/Replay -- --generate ROWS > TRACE.csv

    TRACE.csv has the columns TIMESTAMP, ContextTokens and GeneratedTokens. The second pass is shuffled.
    """;

var options = new Dictionary<string, string>();
var files = new List<string>();
for (var index = 0; index < args.Length; index++)
{
    if (args[index].StartsWith("--", StringComparison.Ordinal) && index + 1 < args.Length)
    {
        options[args[index]] = args[++index];
    }
    else
    {
        files.Add(args[index]);
    }
}

if (options.TryGetValue("--generate", out var count) && int.TryParse(count, out var generated) && generated > 0)
{
    foreach (var line in TraceFile.Generate(generated, new DateTimeOffset(2026, 1, 31, 22, 0, 0, TimeSpan.Zero), seed: 1))
    {
        Console.WriteLine(line);
    }

    return 0;
}

if (files is not [var file] || !options.TryGetValue("--key", out var key)
    || !int.TryParse(options.GetValueOrDefault("--batch", "500"), out var batch) || batch is < 1 or > 1000
    || !Uri.TryCreate(options.GetValueOrDefault("--url", "http://localhost:8080"), UriKind.Absolute, out var gateway)
    || !Guid.TryParse(options.GetValueOrDefault("--account", Guid.CreateVersion7().ToString()), out var account))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

if (!File.Exists(file))
{
    Console.Error.WriteLine($"There is no file {file}.");
    return 2;
}

try
{
    var rows = TraceFile.Read(File.ReadLines(file));
    if (rows.Count == 0)
    {
        Console.Error.WriteLine($"{file} has no rows.");
        return 2;
    }

    using var http = ReplayClient.Connect(gateway, key);
    var replay = new TraceReplay(new ReplayClient(http), account, rows);
    var source = $"replay:{Path.GetFileName(file)}";
    Console.WriteLine($"{rows.Count} rows for account {account}");
    Console.WriteLine($"in order: {await replay.ReportAsync(source, batch, shuffleSeed: null, CancellationToken.None)}");
    Console.WriteLine($"shuffled: {await replay.ReportAsync(source, batch, shuffleSeed: 1, CancellationToken.None)}");
    var comparisons = await replay.CompareAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
    foreach (var comparison in comparisons)
    {
        Console.WriteLine($"{(comparison.Holds ? "equal " : "DIFFER")}  {comparison.What}: {comparison.Actual}{(comparison.Holds ? string.Empty : $" instead of {comparison.Expected}")}");
    }

    return comparisons.All(comparison => comparison.Holds) ? 0 : 1;
}
catch (Exception exception) when (exception is FormatException or HttpRequestException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
