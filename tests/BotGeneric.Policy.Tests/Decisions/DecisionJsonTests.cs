using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.Policy.Api;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.ServiceDefaults;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What is written by hand is what the serializer writes.</summary>
public sealed class DecisionJsonTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 4, 5, 6, 78, TimeSpan.Zero);

    [Fact]
    public void A_call_with_limits_of_all_kinds_is_answered_as_the_serializer_would() => AssertSame(new Decision
    {
        IsAllowed = true,
        At = At,
        HoldId = Guid.CreateVersion7(At),
        ExpiresAt = At.AddSeconds(120),
        Granted = [Requests(), new UnitAmount("llm.input_tokens", 0, 0), Tokens(500), Dollars(0.0125m)],
        Limits =
        [
            new LimitOutcome(Quota(100), 5, 1, At.AddDays(1), false, At),
            new LimitOutcome(Quota(5_000_000_000, "USD", LimitWindowKind.Month), 1, 12_500_000, At.AddDays(9), false, At),
            new LimitOutcome(Rate(10, TimeSpan.FromMinutes(1)), 1, 0, null, false, null),
            new LimitOutcome(Concurrency(4), 0, 1, null, false, null),
            new LimitOutcome(Quota(1, shadow: true), 2, 1, At.AddTicks(1), true, At),
        ],
    });

    [Fact]
    public void A_look_that_holds_nothing_is_answered_as_the_serializer_would() => AssertSame(new Decision { IsAllowed = true, At = At });

    [Fact]
    public void A_decision_without_counters_about_meters_of_the_operators_is_answered_as_the_serializer_would() => AssertSame(new Decision
    {
        IsAllowed = true,
        At = At,
        IsDegraded = true,
        HoldId = DegradedHold.New(At),
        ExpiresAt = At.AddMilliseconds(1),
        Granted = [new UnitAmount("images <é>", 3, 3), new UnitAmount("videos", 1, 1)],
        Limits = [new LimitOutcome(Quota(100, "images <é>"), 0, 0, null, false, null)],
    });

    private static void AssertSame(Decision decision)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        ServiceDefaultsExtensions.ConfigureJson(options);
        options.TypeInfoResolverChain.Add(DecisionJson.Default);
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        var request = new DecisionRequest(default, "chat", null, null, [], TimeSpan.Zero);
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            DecisionJsonWriter.Write(writer, decision);
        }

        Assert.Equal(JsonSerializer.Serialize(DecisionAnswers.Of(decision, request), options), Encoding.UTF8.GetString(memory.ToArray()));
    }
}
