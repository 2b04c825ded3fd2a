using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Texts;
using BotGeneric.Policy.Limits;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;
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
        services.RemoveAll<IConnectionMultiplexer>();
        services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var configuration = ConfigurationOptions.Parse(Redis.ConnectionString);
            configuration.AbortOnConnectFail = false;
            PolicyRedis.Configure(configuration);
            // On a busy machine an answer may be late; a server that is not there is noticed by its connection.
            configuration.AsyncTimeout = 20_000;
            return ConnectionMultiplexer.Connect(configuration);
        });
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

        Assert.All(Enumerable.Range(0, 5), _ => Assert.False(Decide(outage, closed)));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => Decide(outage, open)));
    }

    [Fact]
    public async Task What_everybody_was_let_pass_without_counters_begins_anew_when_they_are_back()
    {
        var rig = new Rig(application);
        var platform = new CompiledLimit
        {
            Code = "everybody",
            Policy = "test",
            Scope = LimitScope.Platform,
            Kind = LimitKind.Quota,
            Unit = Output,
            Maximum = 1_000,
            Window = LimitWindowKind.Day,
            Target = "p",
            OnFailure = FailureMode.AllowThenDeny,
            AllowWhileDown = 2,
        };
        rig.Compile(subject => new CompiledAccount { Subject = subject, Limits = [], PlatformLimits = [platform] });
        var outage = application.Services.GetRequiredService<OutageAllowance>();
        var account = await rig.CompiledAsync();

        var first = Enumerable.Range(0, 3).Select(_ => Decide(outage, account)).ToList();
        await Eventually.GetAsync(() => rig.AskAsync(Tokens(1)), decision => !decision.IsDegraded, "a decision with counters");

        Assert.Equal([true, true, false], first);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Decide(outage, account)));
    }

    [Fact]
    public async Task What_was_let_pass_of_accounts_that_do_not_come_back_is_forgotten_after_the_outage()
    {
        var rig = new Rig(application);
        await Eventually.GetAsync(() => rig.AskAsync(Tokens(1)), decision => !decision.IsDegraded, "a decision with counters");
        var time = new FakeTimeProvider();
        var services = application.Services;
        var outage = new OutageAllowance(
            services.GetRequiredService<PolicyRedis>(), Options.Create(new PolicyOptions()), time, services.GetRequiredService<IMeterFactory>());
        foreach (var _ in Enumerable.Range(0, 5))
        {
            Decide(outage, new CompiledAccount
            {
                Subject = new PolicySubject(Guid.CreateVersion7(), null, null),
                Limits = [Quota(10, Output, onFailure: FailureMode.AllowThenDeny, allowWhileDown: 3)],
            });
        }

        outage.Recovered(Guid.CreateVersion7());
        var during = outage.Count;
        time.Advance(OutageAllowance.Remembered);
        outage.Recovered(Guid.CreateVersion7());

        Assert.Equal((5, 0), (during, outage.Count));
    }

    [Fact]
    public async Task Without_the_database_a_caller_of_whom_nothing_is_known_is_answered_and_not_failed()
    {
        var account = Account(FailureMode.Deny);
        await Eventually.GetAsync(() => AskAsync(account), answer => !IsDegraded(answer), "a decision with counters");
        var hold = (await AskAsync(account)).GetProperty("holdId").GetGuid();
        // As Entity Framework says it.
        application.Accounts.Set(account, _ => throw new InvalidOperationException("An exception has been raised that is likely due to a transient failure.", new NpgsqlException("away", new TimeoutException())));

        var (status, answer) = await PostAsync(account, "authorize", Question);
        var extended = await PostAsync(account, $"holds/{hold}/extend", """{"estimate":{"outputTokens":1}}""");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (status, extended.Status));
        Assert.True(IsDegraded(answer) && IsDegraded(extended.Body));
        Assert.Equal(DecisionReasons.LimitsUnavailable, answer.GetProperty("reason").GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(account, $"holds/{hold}/commit", """{"actual":{"outputTokens":1}}""")).Status);
    }

    [Theory]
    [InlineData(FailureMode.Allow, "allow allow allow")]
    [InlineData(FailureMode.AllowThenDeny, "allow allow deny")]
    [InlineData(FailureMode.Deny, "deny deny deny")]
    public void Somebody_unknown_passes_as_plans_say(FailureMode mode, string expected)
    {
        var services = application.Services;
        var outage = new OutageAllowance(
            services.GetRequiredService<PolicyRedis>(), Options.Create(new PolicyOptions { PlanFailureMode = mode, PlanAllowWhileDown = 2 }), TimeProvider.System,
            services.GetRequiredService<IMeterFactory>());
        var request = new DecisionRequest(new PolicySubject(Guid.CreateVersion7(), null, null), "chat", null, null, [Requests()], TimeSpan.FromMinutes(1));

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 3).Select(_ => outage.DecideUnknown(request, DateTimeOffset.UtcNow).IsAllowed ? "allow" : "deny")));
    }

    [Fact]
    public void Of_what_is_assumed_one_is_enough_without_counters()
    {
        var outage = application.Services.GetRequiredService<OutageAllowance>();
        var account = new CompiledAccount
        {
            Subject = new PolicySubject(Guid.CreateVersion7(), null, null),
            Limits = [Quota(10, Output, onFailure: FailureMode.AllowThenDeny, allowWhileDown: 3)],
        };
        var now = DateTimeOffset.UtcNow;
        var request = new DecisionRequest(account.Subject, "chat", null, null, [Requests()], TimeSpan.FromMinutes(1));
        var question = BotGeneric.Policy.Decisions.Question.Of(account, request, now, new AssumedEstimate());

        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => outage.Decide(account, question, request, now).IsAllowed));
    }

    private static bool Decide(OutageAllowance outage, CompiledAccount account)
    {
        var now = DateTimeOffset.UtcNow;
        var request = new DecisionRequest(account.Subject, "chat", null, null, [Requests(), Tokens(1)], TimeSpan.FromMinutes(1));
        return outage.Decide(account, BotGeneric.Policy.Decisions.Question.Of(account, request, now), request, now).IsAllowed;
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
