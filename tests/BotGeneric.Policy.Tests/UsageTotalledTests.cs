using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Messaging;
using BotGeneric.Policy.Reconciliation;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Policy.Tests;

/// <summary>What is counted here is compared with what the usage ledger says it has.</summary>
public sealed class UsageTotalledTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2026, 1, 15, 9, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(To);
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task Sums_that_are_the_ledger_s_are_no_difference_whatever_lies_beside_the_time()
    {
        await CountAsync(Meters.Requests, From, 2);
        await CountAsync(Meters.Requests, To.AddHours(-1), 1, feature: "images");
        await CountAsync("cost.USD", From.AddDays(2), 0.000000000003m);
        await CountAsync("pixels", From.AddDays(2), 7.5m);
        await CountAsync(Meters.Requests, To, 40);
        await CountAsync(Meters.Requests, From.AddHours(-1), 40);

        await TellAsync(new() { [Meters.Requests] = 3, ["pixels"] = 7.5m }, new() { ["USD"] = 0.000000000003m });

        Assert.Empty(await DifferencesAsync());
    }

    [Fact]
    public async Task What_differs_for_a_moment_is_on_its_way_and_what_stays_is_wrong_and_said_until_it_is_right()
    {
        await CountAsync(Meters.Requests, From, 2);
        await TellAsync(new() { [Meters.Requests] = 3, [Meters.InputTokens] = 100 }, []);
        Assert.Equal([(Meters.InputTokens, -100m, 1), (Meters.Requests, -1m, 1)], await DifferencesAsync());
        // A look right after the other says no more than that one.
        await TellAsync(new() { [Meters.Requests] = 3, [Meters.InputTokens] = 100 }, []);
        Assert.All(await DifferencesAsync(), difference => Assert.Equal(1, difference.Looks));

        await CountAsync(Meters.Requests, From.AddHours(1), 1);
        for (var look = 2; look <= LedgerDifference.LooksThatLast; look++)
        {
            Assert.Equal(HealthStatus.Healthy, await HealthAsync());
            _clock.Advance(TimeSpan.FromMinutes(1));
            await TellAsync(new() { [Meters.Requests] = 3, [Meters.InputTokens] = 100 }, []);
        }

        Assert.Equal([(Meters.InputTokens, -100m, 3)], await DifferencesAsync());
        Assert.Equal(HealthStatus.Degraded, await HealthAsync());
        var shown = Assert.Single(await ShownAsync());
        Assert.Equal((Meters.InputTokens, "-100", true), (shown.GetProperty("meter").GetString(), shown.GetProperty("difference").GetString(), shown.GetProperty("isLasting").GetBoolean()));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await TellAsync(new() { [Meters.Requests] = 3, [Meters.InputTokens] = 101 }, []);
        Assert.Equal([(Meters.InputTokens, -101m, 1)], await DifferencesAsync());
        await CountAsync(Meters.InputTokens, From, 101);
        await TellAsync(new() { [Meters.Requests] = 3, [Meters.InputTokens] = 101 }, []);
        Assert.Empty(await DifferencesAsync());
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
    }

    [Fact]
    public async Task What_is_counted_and_the_ledger_does_not_have_is_found_too()
    {
        await CountAsync("cost.EUR", From, 1.5m);

        await TellAsync([], []);

        Assert.Equal([("cost.EUR", 1.5m, 1)], await DifferencesAsync());
    }

    [Fact]
    public async Task An_account_that_has_become_part_of_another_one_is_looked_at_as_that_one()
    {
        var kept = Guid.CreateVersion7();
        await CountAsync(Meters.Requests, From, 2);
        await TellAsync([], []);
        await application.Services.MergeAsync<PolicyDbContext>(_account, kept);

        await TellAsync(new() { [Meters.Requests] = 9 }, []);
        Assert.Empty(await DifferencesAsync());
        await TellAsync(new() { [Meters.Requests] = 2 }, [], kept);
        Assert.Empty(await DifferencesAsync(kept));
    }

    private async Task CountAsync(string meter, DateTimeOffset bucket, decimal used, string feature = "chat")
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        db.Add(new UsageCounter
        {
            AccountId = _account,
            Meter = meter,
            Bucket = bucket,
            Used = used,
            UserId = Guid.Empty,
            ApiKeyId = string.Empty,
            Feature = feature,
            Model = string.Empty,
            Channel = string.Empty,
        });
        await db.SaveChangesAsync();
    }

    private async Task TellAsync(Dictionary<string, decimal> meters, Dictionary<string, decimal> costs, Guid? account = null)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var told = new UsageTotalled
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = _clock.GetUtcNow(),
            From = From,
            To = To,
            Accounts = [new AccountTotal(account ?? _account, meters, costs)],
        };
        await new UsageTotalledHandler(_clock, NullLogger<UsageTotalledHandler>.Instance).HandleAsync(told, db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private async Task<List<(string Meter, decimal Difference, int Looks)>> DifferencesAsync(Guid? account = null)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<PolicyDbContext>().LedgerDifferences.AsNoTracking()
            .Where(row => row.AccountId == (account ?? _account)).ToListAsync();
        return [.. rows.OrderBy(row => row.Meter, StringComparer.Ordinal).Select(row => (row.Meter, row.Difference, row.Looks))];
    }

    private async Task<List<JsonElement>> ShownAsync()
    {
        var report = await application.CreateOperatorClient().GetFromJsonAsync<JsonElement>("/api/admin/policies/invariants");
        return [.. report.GetProperty("ledger").EnumerateArray().Where(row => row.GetProperty("accountId").GetGuid() == _account)];
    }

    private async Task<HealthStatus> HealthAsync() =>
        (await application.Services.GetRequiredService<LedgerDifferences>().CheckHealthAsync(new HealthCheckContext())).Status;
}
