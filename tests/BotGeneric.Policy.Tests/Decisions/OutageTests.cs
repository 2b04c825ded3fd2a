using System.Net;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service with a Redis of its own, which the test kills.</summary>
public sealed class OutageApplication() : ServiceApplication<Program>("policy")
{
    private readonly Dictionary<string, string> _settings = new() { ["Policy:Decisions:RedisPause"] = "00:00:00.0500000" };

    public ChosenAccounts Accounts { get; } = new();

    internal OwnRedis Redis { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            _settings["ConnectionStrings:redis"] = Redis.ConnectionString;
            return _settings;
        }
    }

    protected override Task PrepareAsync() => Redis.StartAsync();

    protected override async Task ReleaseAsync() => await Redis.DisposeAsync();

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.RemoveAll<ICompiledAccounts>();
        services.AddSingleton<ICompiledAccounts>(Accounts);
    }
}

/// <summary>Redis is killed and comes back without a memory.</summary>
public sealed class OutageTests(OutageApplication application) : IClassFixture<OutageApplication>
{
    private const string Question = """{"feature":"chat","estimate":{"outputTokens":1}}""";

    [Fact]
    public async Task While_the_counters_are_away_each_limit_does_as_it_says_and_afterwards_the_counters_are_the_ledgers()
    {
        var (deny, allow, some) = (Account(FailureMode.Deny), Account(FailureMode.Allow), Account(FailureMode.AllowThenDeny, allowWhileDown: 3));
        var hold = (await AskAsync(deny)).GetProperty("holdId").GetGuid();
        await AskAsync(allow);
        await AskAsync(some);

        await application.Redis.KillAsync();
        var denied = await Eventually.GetAsync(() => AskAsync(deny), IsDegraded, "a decision without counters");
        var allowed = await AskAsync(allow);
        var decisions = new List<string>();
        for (var call = 0; call < 5; call++)
        {
            decisions.Add((await AskAsync(some)).GetProperty("decision").GetString()!);
        }

        Assert.Equal("deny", denied.GetProperty("decision").GetString());
        Assert.Equal(DecisionReasons.LimitsUnavailable, denied.GetProperty("reason").GetProperty("code").GetString());
        Assert.Equal("allow", allowed.GetProperty("decision").GetString());
        Assert.True(IsDegraded(allowed));
        Assert.Equal(["allow", "allow", "allow", "deny", "deny"], decisions);

        // What was decided before cannot be settled now; what was decided without counters needs no settling.
        foreach (var path in new[] { "commit", "release", "extend" })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(deny, $"holds/{hold}/{path}", "{}")).Status);
        }

        var degraded = allowed.GetProperty("holdId").GetGuid();
        foreach (var path in new[] { "commit", "release", "extend" })
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(allow, $"holds/{degraded}/{path}", "{}")).Status);
        }

        // The ledger goes on meanwhile.
        var rig = new Rig(application);
        var told = await rig.RecordAsync([.. Enumerable.Range(0, 4).Select(_ => rig.Usage(output: 1) with { AccountId = allow, UserId = allow })]);

        await application.Redis.StartAsync();
        var back = await Eventually.GetAsync(() => AskAsync(allow), answer => !IsDegraded(answer), "the counters to be back");
        foreach (var counted in told)
        {
            await rig.Counters.AdvanceAsync(counted);
        }

        Assert.Equal((4, 1), Standing(back));
        Assert.Equal((4, 2), Standing(await AskAsync(allow)));
        // Its memory is gone, and the hold with it: usage is what counts.
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(deny, $"holds/{hold}/commit", "{}")).Status);
        Assert.False(IsDegraded(await AskAsync(deny)));
        Assert.False(IsDegraded(await AskAsync(some)));

        // The next outage lets its number pass anew.
        await application.Redis.KillAsync();
        await Eventually.GetAsync(() => AskAsync(deny), IsDegraded, "a decision without counters");
        Assert.Equal("allow", (await AskAsync(some)).GetProperty("decision").GetString());
        await application.Redis.StartAsync();
    }

    [Fact]
    public void A_refusal_of_one_limit_takes_nothing_from_what_another_one_lets_pass()
    {
        var outage = application.Services.GetRequiredService<OutageAllowance>();
        var subject = new PolicySubject(Guid.CreateVersion7(), null, null);
        var some = Quota(10, Output, onFailure: FailureMode.AllowThenDeny, allowWhileDown: 3);
        var open = new CompiledAccount { Subject = subject, Limits = [some] };
        var closed = new CompiledAccount { Subject = subject, Limits = [some, Quota(10, window: LimitWindowKind.Month)] };

        bool Decide(CompiledAccount account)
        {
            var now = DateTimeOffset.UtcNow;
            var request = new DecisionRequest(subject, "chat", null, null, [Requests(), Tokens(1)], TimeSpan.FromMinutes(1));
            return outage.Decide(account, BotGeneric.Policy.Decisions.Question.Of(account, request, now), request, now).IsAllowed;
        }

        Assert.All(Enumerable.Range(0, 5), _ => Assert.False(Decide(closed)));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => Decide(open)));
    }

    private Guid Account(FailureMode mode, long allowWhileDown = 0)
    {
        var account = Guid.CreateVersion7();
        application.Accounts.Set(
            account, subject => new CompiledAccount { Subject = subject, Limits = [Quota(1_000, Output, onFailure: mode, allowWhileDown: allowWhileDown)] });
        return account;
    }

    private async Task<JsonElement> AskAsync(Guid account) => (await PostAsync(account, "authorize", Question)).Body;

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(Guid account, string path, string body)
    {
        using var client = application.CreateClientFor(account, scopes: [ApiScopes.PolicyAuthorize]);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri($"/api/policy/{path}", UriKind.Relative), content);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    private static bool IsDegraded(JsonElement answer) => answer.TryGetProperty("degraded", out var degraded) && degraded.GetBoolean();

    private static (long Used, long Held) Standing(JsonElement answer)
    {
        var line = Assert.Single(answer.GetProperty("limits").EnumerateArray());
        return (line.GetProperty("used").GetInt64(), line.GetProperty("held").GetInt64());
    }
}
