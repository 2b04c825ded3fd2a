using BotGeneric.Policy.WhatIf;
using CsCheck;

namespace BotGeneric.Policy.Tests;

/// <summary>What a policy would have refused of recorded use.</summary>
public sealed class PolicyReplayTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 23, 59, 0, TimeSpan.Zero);
    private static readonly string[] Scopes = ["platform", "plan", "user"];
    private static readonly Guid Account = Guid.CreateVersion7();

    [Fact]
    public void A_sliding_window_is_exact_to_its_end()
    {
        var replay = Replay("""{"code":"r","kind":"rate","unit":"llm.requests","maximum":"2","seconds":60}""");

        Judge(replay, 0, 30, 59.9999999, 60, 89.9999999, 90);

        // The third is refused and counts towards nothing; at 60 s the first one is over.
        Assert.Equal((6, 2), (replay.Calls, replay.Refused));
        Assert.Equal(Start.AddSeconds(59.9999999), replay.Accounts.Single().First);
    }

    [Fact]
    public void A_window_of_the_calendar_begins_anew_at_its_end()
    {
        var day = Replay("""{"code":"d","kind":"quota","unit":"llm.requests","maximum":"1","window":"day"}""");
        Judge(day, 0, 59, 60, 61);
        Assert.Equal(2, day.Refused);
    }

    [Fact]
    public void Money_is_exact_and_what_has_no_price_is_said()
    {
        var replay = Replay("""{"code":"b","kind":"budget","unit":"USD","maximum":"0.3","window":"month"}""");
        foreach (var cost in (decimal?[])[0.1m, 0.2m, null, 0.0000000001m])
        {
            Assert.True(replay.Judge(Use(0) with { Cost = cost, Currency = cost is null ? null : "USD" }));
        }

        Assert.Equal((1, 1), (replay.Refused, replay.Unpriced));
    }

    [Fact]
    public void What_one_limit_refuses_is_used_of_no_other()
    {
        var replay = Replay(
            """{"code":"tokens","kind":"quota","unit":"llm.input_tokens","maximum":"10","window":"month"}""",
            """{"code":"calls","kind":"quota","unit":"llm.requests","maximum":"2","window":"month"}""");

        foreach (var tokens in (long[])[11, 11, 5, 5, 1])
        {
            replay.Judge(Use(0) with { InputTokens = tokens });
        }

        Assert.Equal([("tokens", 3L)], replay.Accounts.Single().Limits.Select(limit => (limit.Key, limit.Value.Refused)));
    }

    [Fact]
    public void The_first_rule_that_matches_decides_and_corrections_are_nobodys_call()
    {
        var policy = PolicyReaderTests.Read("draft", """{"scope":"plan","document":{"access":[{"allow":true,"model":"small"},{"allow":false,"feature":"chat"}]}}""");
        var replay = new PolicyReplay(policy, _ => AccountProfile.Unknown);

        replay.Judge(Use(0) with { Model = "small" });
        replay.Judge(Use(0) with { Model = "large" });
        replay.Judge(Use(0) with { IsCorrection = true, Requests = -1 });
        replay.Judge(Use(0) with { Feature = "search" });

        Assert.Equal((3, 1, 1), (replay.Calls, replay.Refused, replay.Corrections));
        Assert.Equal([PolicyReplay.RuleName(1)], replay.Accounts.Single().Limits.Keys);
    }

    [Fact]
    public void It_says_when_there_is_too_much_to_remember_and_forgets_what_is_over()
    {
        var forever = Replay(20, """{"code":"d","kind":"quota","unit":"llm.requests","maximum":"1","window":"day"}""");
        var passing = Replay(20, """{"code":"r","kind":"rate","unit":"llm.requests","maximum":"1","seconds":1}""");

        var kept = Enumerable.Range(0, 100).TakeWhile(second => forever.Judge(Use(second) with { AccountId = Guid.CreateVersion7() })).Count();
        var went = Enumerable.Range(0, 100).TakeWhile(second => passing.Judge(Use(second))).Count();

        Assert.InRange(kept, 5, 20);
        Assert.Equal(100, went);
    }

    [Fact]
    public void Any_recorded_use_is_judged_as_a_plain_reading_of_the_limits_judges_it()
    {
        var use = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 4]);
        Gen.Select(use.List[0, 60], Gen.Int[0, 4], Gen.Int[1, 12], Gen.Int[0, 8], Gen.Int[0, 2].Select(index => Scopes[index])).Sample((steps, calls, seconds, tokens, scope) =>
        {
            var policy = PolicyReaderTests.Read("draft", $$$"""
                {"scope":"{{{scope}}}","document":{"limits":[
                {"code":"r","kind":"rate","unit":"llm.requests","maximum":"{{{calls}}}","seconds":{{{seconds}}}},
                {"code":"t","kind":"quota","unit":"llm.input_tokens","maximum":"{{{tokens}}}","window":"day","feature":"chat"}]}}
                """);
            var replay = new PolicyReplay(policy, _ => AccountProfile.Unknown);
            var accepted = new List<RecordedUse>();
            var (refused, now) = (0, Start.AddSeconds(50));
            Guid[] accounts = [Account, Guid.Parse("0192f0c1-2345-7abc-8def-0123456789ab")];
            foreach (var (step, account, user, amount) in steps)
            {
                now = now.AddSeconds(step);
                var next = Use(0) with { Time = now, AccountId = accounts[account], UserId = accounts[user % 2], InputTokens = amount, Feature = user == 2 ? "search" : "chat" };
                var mine = accepted.Where(one => scope == "platform" || (one.AccountId == next.AccountId && (scope != "user" || one.UserId == next.UserId))).ToList();
                var inWindow = mine.Where(one => one.Time > now.AddSeconds(-seconds)).Sum(one => one.Requests);
                var today = mine.Where(one => one.Feature == "chat" && one.Time.Date == now.Date).Sum(one => one.InputTokens);
                if (inWindow + 1 > calls || (next.Feature == "chat" && amount > 0 && today + amount > tokens))
                {
                    refused++;
                }
                else
                {
                    accepted.Add(next);
                }

                replay.Judge(next);
                if (replay.Refused != refused)
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Fact]
    public void Use_that_goes_back_in_time_is_a_mistake()
    {
        var replay = Replay("""{"code":"d","kind":"quota","unit":"llm.requests","maximum":"1","window":"day"}""");
        replay.Judge(Use(1));
        Assert.Throws<ArgumentException>(() => replay.Judge(Use(0)));
    }

    private static PolicyReplay Replay(params string[] limits) => Replay(1000, limits);

    private static PolicyReplay Replay(int memory, params string[] limits) => new(
        PolicyReaderTests.Read("draft", $$$"""{"scope":"plan","document":{"limits":[{{{string.Join(',', limits)}}}]}}"""), _ => AccountProfile.Unknown, memory);

    private static void Judge(PolicyReplay replay, params double[] seconds)
    {
        foreach (var second in seconds)
        {
            replay.Judge(Use(second));
        }
    }

    private static RecordedUse Use(double seconds) => new() { Time = Start.AddSeconds(seconds), AccountId = Account, Feature = "chat", Requests = 1 };
}
