using BotGeneric.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- <verb> [arguments]
var benchmarks = new Dictionary<string, (string Description, Func<string[], Task> Run)>
{
    ["outbox"] = ("[messages=20000]: messages per second through one outbox dispatcher", OutboxBenchmark.RunAsync),
    ["flow"] = ("[events/s=500] [seconds=30]: from an accepted usage event to history, limits and trends, whole system", FlowBenchmark.RunAsync),
    ["start"] = ("[runs=3]: from the command to Ready, with nothing to build and data in place", StartBenchmark.RunAsync),
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine("Benchmarks:");
    foreach (var (verb, (description, _)) in benchmarks)
        Console.Error.WriteLine($"  {verb} {description}");
    return 2;
}

await benchmark.Run(args[1..]);
return 0;
