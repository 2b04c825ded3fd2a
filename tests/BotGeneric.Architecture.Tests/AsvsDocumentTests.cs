using System.Globalization;
using System.Text.RegularExpressions;
using BotGeneric.Testing;

namespace BotGeneric.Architecture.Tests;

/// <summary>docs/asvs.md leaves out no requirement of the chapters that it is about, and says of each what holds it or why nothing does.</summary>
public sealed partial class AsvsDocumentTests
{
    private static readonly string[] States = ["holds", "documented", "does not apply", "does not hold"];

    // Requirements of levels 1 and 2 of OWASP ASVS 5.0.0: section, and which of its numbers. The rest of a section is level 3.
    private static readonly Dictionary<string, int[]> Requirements = new()
    {
        ["6.1"] = To(3), ["6.2"] = To(12), ["6.3"] = To(4), ["6.4"] = To(4), ["6.5"] = To(5), ["6.6"] = To(3), ["6.8"] = To(4),
        ["7.1"] = To(3), ["7.2"] = To(4), ["7.3"] = To(2), ["7.4"] = To(5), ["7.5"] = To(2), ["7.6"] = To(2),
        ["8.1"] = To(2), ["8.2"] = To(3), ["8.3"] = To(1), ["8.4"] = To(1),
        ["9.1"] = To(3), ["9.2"] = To(4),
        ["10.1"] = To(2), ["10.2"] = To(2), ["10.3"] = To(4), ["10.4"] = To(11), ["10.5"] = To(5), ["10.6"] = To(2), ["10.7"] = To(3),
    };

    [Fact]
    public void Every_requirement_stands_once_in_its_order() => Assert.Equal(
        Requirements.SelectMany(section => section.Value.Select(number => string.Create(CultureInfo.InvariantCulture, $"{section.Key}.{number}"))),
        Rows().Select(row => row.Id));

    [Fact]
    public void What_holds_names_a_test_and_what_does_not_gives_a_reason()
    {
        Assert.All(Rows(), row =>
        {
            Assert.Contains(row.State, States);
            if (row.State == "holds")
            {
                Assert.Matches(Tests(), row.Text);
            }
            else
            {
                Assert.True(Tests().Replace(row.Text, string.Empty).Length > 30, $"{row.Id} has no reason.");
            }
        });
    }

    private static int[] To(int last) => [.. Enumerable.Range(1, last)];

    private static List<(string Id, string State, string Text)> Rows() =>
        [.. File.ReadLines(Path.Combine(RepositoryPaths.Root, "docs", "asvs.md"))
            .Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => (match.Groups["id"].Value, match.Groups["state"].Value, match.Groups["text"].Value))];

    [GeneratedRegex(@"^\| (?<id>\d+\.\d+\.\d+) \| (?<state>[^|]+) \| (?<text>[^|]+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`[A-Z]\w+Tests\.\w+`")]
    private static partial Regex Tests();
}
