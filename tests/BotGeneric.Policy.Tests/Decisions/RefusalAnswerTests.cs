using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What a refusal says of when it is possible again and what helps.</summary>
public sealed class RefusalAnswerTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    [Fact]
    public async Task A_ban_for_a_time_says_until_when_and_a_missing_payment_where_to_pay()
    {
        var until = DateTimeOffset.UtcNow.AddHours(5);
        var banned = await RefuseAsync(subject => new CompiledAccount { Subject = subject, Limits = [], Standing = AccountStanding.Banned, StandingUntil = until });
        var overdue = await RefuseAsync(subject => new CompiledAccount { Subject = subject, Limits = [], Standing = AccountStanding.PastDue });

        Assert.Equal(("account_banned", until), (banned.GetProperty("code").GetString(), banned.GetProperty("resetsAt").GetDateTimeOffset()));
        Assert.Contains("It is open again in 5 hours.", banned.GetProperty("message").GetProperty("en").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, banned.GetProperty("upgrade").ValueKind);
        Assert.Equal(("account_past_due", "/app/billing"), (overdue.GetProperty("code").GetString(), overdue.GetProperty("upgrade").GetString()));
    }

    [Fact]
    public async Task Where_no_plan_helps_none_is_offered()
    {
        var reason = await RefuseAsync(subject => new CompiledAccount { Subject = subject, Limits = [Quota(0, Output, scope: LimitScope.Organization)] });

        Assert.Equal("quota_exhausted", reason.GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, reason.GetProperty("upgrade").ValueKind);
    }

    [Fact]
    public async Task A_call_larger_than_the_whole_limit_is_told_both_numbers_and_no_time()
    {
        var reason = await RefuseAsync(
            subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000, Output)] }, """{"feature":"chat","estimate":{"outputTokens":1500}}""");

        Assert.Equal("request_too_large", reason.GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, reason.GetProperty("resetsAt").ValueKind);
        Assert.Equal("/pricing", reason.GetProperty("upgrade").GetString());
        Assert.Equal(
            "This request needs 1,500 output tokens, and the whole limit is 1,000 output tokens a day: it can never pass. Nothing was used. Ask for less, or choose a plan with a higher limit.",
            reason.GetProperty("message").GetProperty("en").GetString());
    }

    [Fact]
    public async Task A_call_that_only_holds_keep_out_is_told_until_when()
    {
        var id = Guid.CreateVersion7();
        const string Question = """{"feature":"chat","estimate":{"outputTokens":600},"ttlSeconds":30}""";
        application.Accounts.Set(id, subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000, Output, LimitWindowKind.Month)] });
        await AskAsync(id, Question);

        var reason = await ReasonAsync(id, Question);

        Assert.Equal("held_by_calls", reason.GetProperty("code").GetString());
        Assert.InRange(reason.GetProperty("resetsAt").GetDateTimeOffset(), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddSeconds(40));
        Assert.Matches("^Calls that run hold what is left of 1,000 output tokens a month[.] .* They end in [0-9]+ seconds? at the latest", reason.GetProperty("message").GetProperty("en").GetString());
    }

    private Task<JsonElement> RefuseAsync(Func<PolicySubject, CompiledAccount> compile, string question = """{"feature":"chat"}""")
    {
        var id = Guid.CreateVersion7();
        application.Accounts.Set(id, compile);
        return ReasonAsync(id, question);
    }

    private async Task<JsonElement> ReasonAsync(Guid id, string question) => (await AskAsync(id, question)).GetProperty("reason");

    private async Task<JsonElement> AskAsync(Guid id, string question)
    {
        using var client = application.CreateClientFor(id, scopes: [ApiScopes.PolicyAuthorize]);
        using var content = new StringContent(question, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/api/policy/authorize", UriKind.Relative), content);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }
}
