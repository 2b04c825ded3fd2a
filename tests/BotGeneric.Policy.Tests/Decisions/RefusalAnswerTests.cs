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

    private async Task<JsonElement> RefuseAsync(Func<PolicySubject, CompiledAccount> compile)
    {
        var id = Guid.CreateVersion7();
        application.Accounts.Set(id, compile);
        using var client = application.CreateClientFor(id, scopes: [ApiScopes.PolicyAuthorize]);
        using var content = new StringContent("""{"feature":"chat"}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/api/policy/authorize", UriKind.Relative), content);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("reason");
    }
}
