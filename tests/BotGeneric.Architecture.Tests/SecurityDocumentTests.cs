using System.Text.RegularExpressions;
using BotGeneric.Testing;

namespace BotGeneric.Architecture.Tests;

/// <summary>docs/security.md names the tests that hold what it promises; a test that is renamed must not leave a promise without one.</summary>
public sealed partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_that_the_security_document_names_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Methods().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups[1].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var named = Names().Matches(File.ReadAllText(Path.Combine(RepositoryPaths.Root, "docs", "security.md"))).Select(match => match.Groups[1].Value).ToList();

        Assert.True(named.Count > 50, "The document names hardly any test: its form has changed.");
        Assert.Equal([], named.Except(tests, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"public (?:async )?(?:Task|void) ([A-Z]\w+)\(")]
    private static partial Regex Methods();

    [GeneratedRegex(@"`([A-Z]\w+Tests\.\w+)`")]
    private static partial Regex Names();
}
