using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Reconciliation;
using BotGeneric.Billing.Tests.Mirror;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Reconciliation;

/// <summary>When a comparison begins by itself.</summary>
public sealed class ReconciliationScheduleTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    [Fact]
    public async Task Where_nothing_was_ever_compared_a_comparison_of_everything_begins_once_the_service_has_run_for_a_minute()
    {
        var now = application.Clock.GetUtcNow();

        var early = await DueAsync(now);
        var due = await DueAsync(now.AddMinutes(-2));
        var again = await DueAsync(now.AddMinutes(-2));

        Assert.Null(early);
        Assert.Equal((ReconciliationTrigger.First, null), (due?.Trigger, due?.Since));
        Assert.Equal(due?.Id, again?.Id);
    }

    private async Task<ReconciliationRun?> DueAsync(DateTimeOffset processStartedAt)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReconciliationSchedule>().DueAsync(processStartedAt, CancellationToken.None);
    }
}
