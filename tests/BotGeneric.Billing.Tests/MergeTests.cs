using System.Net;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests;

/// <summary>Two accounts of one person become one.</summary>
public sealed class MergeTests(BillingApplication application) : IClassFixture<BillingApplication>
{
    private readonly Guid _absorbed = Guid.CreateVersion7();
    private readonly Guid _kept = Guid.CreateVersion7();
    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task Both_subscriptions_go_on_for_the_account_that_stays_and_the_moved_one_is_told_anew()
    {
        await using var tap = await BrokerTap<SubscriptionChanged>.OpenAsync();
        await PayAsync("sub_moved", _absorbed);
        await PayAsync("sub_stays", _kept);

        await application.Services.MergeAsync<BillingDbContext>(_absorbed, _kept);
        await application.Services.MergeAsync<BillingDbContext>(_absorbed, _kept);

        Assert.Equal(["sub_moved", "sub_stays"], (await SubscriptionsAsync(_kept)).Select(row => row.PaddleId));
        var told = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.Where(changed => changed.AccountId == _kept).OrderBy(changed => changed.Revision).ToList()),
            events => events.Count == 2, "SubscriptionChanged of both");
        Assert.True(told[1].Revision > told[0].Revision);
        Assert.All(told, changed => Assert.True(changed.GrantsAccess));
        Assert.Single(await SubscriptionsAsync(_kept), row => row.IsPrimary);
    }

    [Fact]
    public async Task What_the_provider_says_later_of_the_account_is_the_other_accounts()
    {
        await PayAsync("sub_before", _absorbed);
        await application.Services.MergeAsync<BillingDbContext>(_absorbed, _kept);

        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_before", customer: "ctm_sub_before", customData: BillingApplication.CustomDataFor(_absorbed)));
        await DeliverAsync(BillingApplication.SubscriptionEvent("sub_new_payer", customData: BillingApplication.CustomDataFor(_absorbed)));

        var subscriptions = await Eventually.GetAsync(() => SubscriptionsAsync(_kept), rows => rows.Count == 2, "both subscriptions of the account that stays");
        Assert.Equal(["sub_before", "sub_new_payer"], subscriptions.Select(row => row.PaddleId));
        Assert.Empty(await SubscriptionsAsync(_absorbed));
    }

    private async Task PayAsync(string subscription, Guid account)
    {
        await DeliverAsync(BillingApplication.SubscriptionEvent(subscription, customData: BillingApplication.CustomDataFor(account)));
        await Eventually.GetAsync(() => SubscriptionsAsync(account), rows => rows.Count == 1, subscription);
    }

    private async Task DeliverAsync(string body)
    {
        using var answer = await _client.SendAsync(BillingApplication.Delivery(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<List<Subscription>> SubscriptionsAsync(Guid account)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<BillingDbContext>().Subscriptions.AsNoTracking()
            .Where(subscription => subscription.AccountId == account)
            .OrderBy(subscription => subscription.PaddleId)
            .ToListAsync();
    }
}
