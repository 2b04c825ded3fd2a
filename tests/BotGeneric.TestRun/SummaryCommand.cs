using System.Xml.Linq;

namespace BotGeneric.TestRun;

/// <summary>Adds up the results of all test projects of one run.</summary>
internal static class SummaryCommand
{
    // How a test says that something it would also check is not on this machine.
    private const string NotChecked = "Not checked:";

    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public static int Run(string resultsFolder, IReadOnlyList<string> failedSteps)
    {
        var runs = Directory.EnumerateFiles(resultsFolder, "*.trx", SearchOption.AllDirectories).Select(XDocument.Load).ToList();
        var results = runs
            .SelectMany(run => run.Descendants(Trx + "UnitTestResult"))
            .ToLookup(result => (string?)result.Attribute("outcome"));
        var passed = results["Passed"].Count();
        var skipped = results["NotExecuted"].ToList();
        var failed = results.SelectMany(group => group).Where(HasFailed).ToList();

        foreach (var result in skipped)
        {
            Console.WriteLine($"Skipped: {NameOf(result)}: {MessageOf(result)}");
        }

        foreach (var result in results["Passed"])
        {
            foreach (var line in result.Descendants(Trx + "StdOut").SelectMany(output => output.Value.Split('\n')).Where(line => line.StartsWith(NotChecked, StringComparison.Ordinal)))
            {
                Console.WriteLine($"{NameOf(result)}: {line.Trim()}");
            }
        }

        foreach (var result in failed)
        {
            Console.WriteLine($"Failed: {NameOf(result)}: {MessageOf(result)}");
        }

        List<string> alsoFailed = [.. failedSteps, .. runs.Select(Abortion).OfType<string>()];
        foreach (var step in alsoFailed)
        {
            Console.WriteLine($"Failed: {step}");
        }

        var failures = failed.Count + alsoFailed.Count;
        Console.WriteLine($"{passed} passed, {failures} failed, {skipped.Count} skipped");
        return failures == 0 && passed > 0 ? 0 : 1;
    }

    /// <summary>
    /// Why a project's run ended before its tests did; null when it ran to its end. A run whose process hung or crashed has no failed test: it has
    /// only fewer of them.
    /// </summary>
    private static string? Abortion(XDocument run)
    {
        var summary = run.Descendants(Trx + "ResultSummary").SingleOrDefault();
        var reason = run.Descendants(Trx + "RunInfo").Select(info => info.Value.Trim()).FirstOrDefault(text => text.Contains("aborted", StringComparison.Ordinal));
        if (reason is null && ((string?)summary?.Attribute("outcome") == "Completed" || run.Descendants(Trx + "UnitTestResult").Any(HasFailed)))
        {
            return null;
        }

        var name = Path.GetFileName(run.Descendants(Trx + "UnitTest").Select(test => (string?)test.Attribute("storage")).FirstOrDefault()) ?? "a test project";
        return $"{name} did not run to its end: {reason ?? "it says no reason"}";
    }

    private static bool HasFailed(XElement result) => (string?)result.Attribute("outcome") is not ("Passed" or "NotExecuted");

    private static string NameOf(XElement result) => (string?)result.Attribute("testName") ?? "a test without a name";

    // A failure has its message in ErrorInfo; the reason of a skipped test stands there or in StdOut, depending on the adapter's version.
    private static string MessageOf(XElement result) =>
        (result.Descendants(Trx + "Message").FirstOrDefault() ?? result.Descendants(Trx + "StdOut").FirstOrDefault())?.Value.Trim()
        ?? "no reason given";
}
