using System.Xml.Linq;

namespace BotGeneric.TestRun;

/// <summary>Adds up the results of all test projects of one run.</summary>
internal static class SummaryCommand
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public static int Run(string resultsFolder, IReadOnlyList<string> failedSteps)
    {
        var results = Directory.EnumerateFiles(resultsFolder, "*.trx", SearchOption.AllDirectories)
            .SelectMany(file => XDocument.Load(file).Descendants(Trx + "UnitTestResult"))
            .ToLookup(result => (string?)result.Attribute("outcome"));
        var passed = results["Passed"].Count();
        var skipped = results["NotExecuted"].ToList();
        var failed = results.Where(group => group.Key is not ("Passed" or "NotExecuted")).SelectMany(group => group).ToList();

        foreach (var result in skipped)
        {
            Console.WriteLine($"Skipped: {NameOf(result)}: {MessageOf(result)}");
        }

        foreach (var result in failed)
        {
            Console.WriteLine($"Failed: {NameOf(result)}: {MessageOf(result)}");
        }

        foreach (var step in failedSteps)
        {
            Console.WriteLine($"Failed: {step}");
        }

        var failures = failed.Count + failedSteps.Count;
        Console.WriteLine($"{passed} passed, {failures} failed, {skipped.Count} skipped");
        return failures == 0 && passed > 0 ? 0 : 1;
    }

    private static string NameOf(XElement result) => (string?)result.Attribute("testName") ?? "a test without a name";

    // A failure has its message in ErrorInfo; the reason of a skipped test stands there or in StdOut, depending on the adapter's version.
    private static string MessageOf(XElement result) =>
        (result.Descendants(Trx + "Message").FirstOrDefault() ?? result.Descendants(Trx + "StdOut").FirstOrDefault())?.Value.Trim()
        ?? "no reason given";
}
