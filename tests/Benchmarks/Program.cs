using BotGeneric.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- <verb> [arguments]
var benchmarks = new Dictionary<string, (string Description, Func<string[], Task> Run)>
{
    ["outbox"] = ("[messages=20000]: messages per second through one outbox dispatcher", OutboxBenchmark.RunAsync),
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
