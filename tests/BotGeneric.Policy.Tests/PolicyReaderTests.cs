using System.Text.Json;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;

namespace BotGeneric.Policy.Tests;

/// <summary>Policies that contradict themselves or each other are refused, with the reason and the place.</summary>
public sealed class PolicyReaderTests
{
    private const string Quota = """{"code":"daily","kind":"quota","unit":"llm.requests","maximum":"50","window":"day"}""";

    public static TheoryData<string, string> Contradictions => new()
    {
        { """{"scope":"plan","document":{}}""", "/document" },
        { """{"scope":"plan","document":{"limits":[null]}}""", "/document/limits/0" },
        { """{"scope":"plan","document":{"access":[null]}}""", "/document/access/0" },
        { Limits(Quota, Quota.Replace("llm.requests", "llm.input_tokens")), "/document/limits/1/code" },
        { Limits(Quota, Quota.Replace("daily", "other").Replace("50", "60")), "/document/limits/1" },
        { Limits(Quota.Replace("\"50\"", "\"-1\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"50\"", "\"\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"50\"", "\"1e3\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"50\"", "\"1.5\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"50\"", "\"4000000000000001\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"50\"", "\"99999999999999999999999999999999999\"")), "/document/limits/0/maximum" },
        { Limits(Quota.Replace("\"day\"", "null")), "/document/limits/0/window" },
        { Limits(Quota.Replace("}", ",\"seconds\":60}")), "/document/limits/0/seconds" },
        { Limits(Quota.Replace("llm.requests", "USD")), "/document/limits/0/unit" },
        { Limits(Quota.Replace("llm.requests", "calls")), "/document/limits/0/unit" },
        { Limits(Quota.Replace("daily", "Daily")), "/document/limits/0/code" },
        { Limits(Quota.Replace("}", ",\"feature\":\"a*b\"}")), "/document/limits/0/feature" },
        { Limits(Quota.Replace("}", ",\"onFailure\":\"allowThenDeny\"}")), "/document/limits/0/allowWhileDown" },
        { Limits(Quota.Replace("}", ",\"allowWhileDown\":\"5\"}")), "/document/limits/0/allowWhileDown" },
        { Limits("""{"code":"r","kind":"rate","unit":"llm.requests","maximum":"5","window":"day"}"""), "/document/limits/0/seconds" },
        { Limits("""{"code":"r","kind":"rate","unit":"llm.requests","maximum":"5","seconds":0}"""), "/document/limits/0/seconds" },
        { Limits("""{"code":"r","kind":"rate","unit":"llm.requests","maximum":"5","seconds":86401}"""), "/document/limits/0/seconds" },
        { Limits("""{"code":"r","kind":"rate","unit":"llm.requests","maximum":"5","seconds":60,"window":"day"}"""), "/document/limits/0/window" },
        { Limits("""{"code":"b","kind":"budget","unit":"USX","maximum":"5","window":"month"}"""), "/document/limits/0/unit" },
        { Limits("""{"code":"b","kind":"budget","unit":"USD","maximum":"0.0000000001","window":"month"}"""), "/document/limits/0/maximum" },
        { Limits("""{"code":"b","kind":"budget","unit":"USD","maximum":"4000000.000000001","window":"month"}"""), "/document/limits/0/maximum" },
        { Limits("""{"code":"c","kind":"concurrency","unit":"llm.requests","maximum":"5"}"""), "/document/limits/0/unit" },
        { Limits("""{"code":"c","kind":"concurrency","unit":"calls","maximum":"5","window":"day"}"""), "/document/limits/0/window" },
        { Rules("""{"allow":true,"model":"gpt*"}""", """{"allow":false,"model":"gpt*"}"""), "/document/access/1" },
        { Rules("""{"allow":false}""", """{"allow":false,"feature":"*"}"""), "/document/access/1" },
        { Rules("""{"allow":true}""").Replace("\"plan\"", "\"platform\"").Replace("}]}", "}]},\"selector\":{\"plans\":[\"pro\"]}"), "/selector/plans" },
        { Rules("""{"allow":true}""").Replace("}]}", "}]},\"selector\":{\"users\":[\"0192f0c1-2345-7abc-8def-0123456789ab\"]}"), "/selector/users" },
        { Rules("""{"allow":true}""").Replace("}]}", "}]},\"selector\":{\"plans\":[\"No Plan\"]}"), "/selector/plans" },
        { Rules("""{"allow":true}""").Replace("}]}", "}]},\"priority\":1001"), "/priority" },
        { Rules("""{"allow":true}""").Replace("}]}", "}]},\"effectiveFrom\":\"2026-02-01T00:00:00Z\",\"effectiveTo\":\"2026-02-01T00:00:00Z\""), "/effectiveTo" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void A_contradiction_is_refused_at_its_place(string json, string place)
    {
        var findings = new Findings();

        Assert.Null(PolicyReader.Read("p", 1, Terms(json), findings));

        Assert.Contains(place, findings.ToErrors().Keys);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("override")]
    [InlineData("what-if")]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("Ünicode")]
    public void A_code_that_is_taken_or_no_code_is_refused(string code)
    {
        var findings = new Findings();
        PolicyReader.Read(code, 1, Terms(Limits(Quota)), findings);
        Assert.Equal(["/code"], findings.ToErrors().Keys);
    }

    [Fact]
    public void Equal_limits_of_different_things_are_no_contradiction() => Assert.NotNull(Read("p", Limits(
        Quota,
        Quota.Replace("daily", "a").Replace("}", ",\"feature\":\"chat\"}"),
        Quota.Replace("daily", "b").Replace("\"day\"", "\"month\""),
        """{"code":"c","kind":"concurrency","unit":"calls","maximum":"0"}""",
        """{"code":"d","kind":"budget","unit":"USD","maximum":"4000000.00","window":"billingPeriod","onFailure":"allowThenDeny","allowWhileDown":"0.5"}""")));

    [Fact]
    public void A_tenth_digit_that_is_zero_is_not_too_precise() =>
        Assert.Equal(1, Read("p", Limits("""{"code":"b","kind":"budget","unit":"USD","maximum":"0.0000000010","window":"month"}""")).Limits[0].Maximum);

    [Theory]
    [InlineData("""{}""", """{}""", false)]
    [InlineData("""{}""", """{"priority":1}""", true)]
    [InlineData("""{}""", """{"mode":"shadow"}""", true)]
    [InlineData("""{"selector":{"plans":["pro"]}}""", """{"selector":{"plans":["team"]}}""", true)]
    [InlineData("""{"selector":{"plans":["pro"]}}""", """{"selector":{"plans":["team","pro"]}}""", false)]
    [InlineData("""{"selector":{"plans":["pro"]}}""", """{}""", false)]
    [InlineData("""{"effectiveTo":"2026-02-01T00:00:00Z"}""", """{"effectiveFrom":"2026-02-01T00:00:00Z"}""", true)]
    [InlineData("""{"effectiveTo":"2026-02-01T00:00:01Z"}""", """{"effectiveFrom":"2026-02-01T00:00:00Z"}""", false)]
    public void Two_policies_of_one_weight_that_count_the_same_differently_are_ambiguous(string first, string second, bool isFine)
    {
        var one = Read("one", Merge(first, Limits(Quota)));
        var other = Read("other", Merge(second, Limits(Quota.Replace("50", "60"))));
        var findings = new Findings();

        PolicyReader.Compare(one, [other], findings);

        Assert.Equal(isFine ? [] : ["/document/limits/0"], findings.ToErrors().Keys);
    }

    [Fact]
    public void Two_policies_that_answer_the_same_question_oppositely_are_ambiguous()
    {
        var findings = new Findings();
        PolicyReader.Compare(Read("one", Rules("""{"allow":true,"model":"o1"}""")), [Read("other", Rules("""{"allow":false,"model":"o1"}"""))], findings);
        Assert.Equal(["/document/access/0"], findings.ToErrors().Keys);
    }

    internal static PolicyTerms Terms(string json) => JsonSerializer.Deserialize<PolicyTerms>(
        json.Replace("{\"scope\"", "{\"name\":\"A policy\",\"scope\"", StringComparison.Ordinal), PolicyJson.Options)!;

    internal static ReadPolicy Read(string code, string json) => PolicyStore.Read(code, 1, Terms(json));

    private static string Limits(params string[] limits) => $$$"""{"scope":"plan","document":{"limits":[{{{string.Join(',', limits)}}}]}}""";

    private static string Rules(params string[] rules) => $$$"""{"scope":"plan","document":{"access":[{{{string.Join(',', rules)}}}]}}""";

    private static string Merge(string members, string policy) => members == "{}" ? policy : $"{policy[..^1]},{members[1..]}";
}
