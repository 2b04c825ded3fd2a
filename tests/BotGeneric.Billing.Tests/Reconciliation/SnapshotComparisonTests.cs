using System.Text.Json;
using BotGeneric.Billing.Reconciliation;

namespace BotGeneric.Billing.Tests.Reconciliation;

/// <summary>What counts as different.</summary>
public sealed class SnapshotComparisonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":null}""", """{"a":1}""", "")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":1,"c":3}}""", "a.c")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", "a")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", "a")]
    [InlineData("""{"a":1}""", """{"b":1}""", "a,b")]
    public void Objects_are_compared_member_by_member_and_lists_as_a_whole(string ours, string theirs, string fields)
    {
        var differences = SnapshotComparison.Compare(JsonElement.Parse(ours), JsonElement.Parse(theirs));

        Assert.Equal(fields, string.Join(',', differences.Select(difference => difference.Field)));
    }
}
