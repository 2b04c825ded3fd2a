using System.Text.RegularExpressions;
using BotGeneric.Testing;

namespace BotGeneric.Architecture.Tests;

/// <summary>docs/security.md, docs/asvs.md and docs/complaints.md name the tests that hold what they promise; a test that is renamed must not leave a promise without one.</summary>
public sealed partial class SecurityDocumentTests
{
    [Theory]
    [InlineData("security.md", 50)]
    [InlineData("complaints.md", 40)]
    [InlineData("asvs.md", 100)]
    public void Every_test_that_the_document_names_exists(string document, int least)
    {
        var tests = Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Methods().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups[1].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var named = Names().Matches(File.ReadAllText(Path.Combine(RepositoryPaths.Root, "docs", document))).Select(match => match.Groups[1].Value).ToList();

        Assert.True(named.Count > least, "The document names hardly any test: its form has changed.");
        Assert.Equal([], named.Except(tests, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_complaint_names_a_test()
    {
        var rows = File.ReadLines(Path.Combine(RepositoryPaths.Root, "docs", "complaints.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();

        Assert.True(rows.Count > 20, "The document has hardly any complaint: its form has changed.");
        Assert.All(rows, row => Assert.Matches(Names(), row.Split('|')[3]));
    }

    [GeneratedRegex(@"public (?:async )?(?:Task|void) ([A-Z]\w+)\(")]
    private static partial Regex Methods();

    [GeneratedRegex(@"`([A-Z]\w+Tests\.\w+)`")]
    private static partial Regex Names();
}
