using BotGeneric.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- <verb> [arguments]
var benchmarks = new Dictionary<string, (string Description, Func<string[], Task> Run)>
{
    ["outbox"] = ("[messages=20000]: messages per second through one outbox dispatcher", OutboxBenchmark.RunAsync),
    ["keys"] = ("[verifications=1000000]: how long the gateway takes to verify a key that it remembers", KeysBenchmark.RunAsync),
    ["tokens"] = ("[validations=200000]: how long a service takes to authenticate a request by its access token, remembered and not", TokensBenchmark.RunAsync),
    ["pipeline"] = ("[rounds=5] [seconds=6]: requests per second of a trivial endpoint with a token behind the common pipeline, against bare Kestrel (needs wrk)", PipelineBenchmark.RunAsync),
    ["plain-service"] = ("<address> <defaults|bare>: the services of the benchmark above", PipelineBenchmark.ServeAsync),
    ["refresh"] = ("[rounds=3] [seconds=8]: refreshes per second at Identity, against its database alone", RefreshBenchmark.RunAsync),
    ["authorize"] = ("[rounds=3] [seconds=8] [peer's folder]: decisions per second with holds in limits of four kinds, against the Node peer (needs wrk)", AuthorizeBenchmark.RunAsync),
    ["gateway"] = ("[rounds=5] [seconds=8] [lease=50] [traced=0.1] [NAME=VALUE…]: requests per second of the gateway with key and limits, against a bare YARP (needs wrk)", GatewayBenchmark.RunAsync),
    ["bare-proxy"] = ("<service> <address>: the bare YARP of the benchmark above", GatewayBenchmark.BareProxyAsync),
    ["ingest"] = ("[rounds=3] [seconds=8]: usage events per second through the gateway into the ledger, against COPY alone (needs wrk)", IngestBenchmark.RunAsync),
    ["flow"] = ("[events/s=500] [seconds=30]: from an accepted usage event to history, limits and trends, whole system", FlowBenchmark.RunAsync),
    ["webhook"] = ("[notifications/s=200] [seconds=30]: Paddle's notifications until they are accepted and until Policy allows what was bought, whole system", WebhookBenchmark.RunAsync),
    ["history"] = ("[millions=10] [questions=300]: history pages, 30-day summaries and queries on a ledger of millions, and what an entry costs as it grows", HistoryBenchmark.RunAsync),
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
