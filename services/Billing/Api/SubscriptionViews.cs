using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>Shows subscriptions to those who have them.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class SubscriptionViews(BillingDbContext db, Currencies currencies)
{
    /// <summary>What an account has.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="product">To which product.</param>
    /// <param name="mayChange">Whether who looks may change anything.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public async Task<CurrentSubscriptions> CurrentAsync(Guid accountId, string product, bool mayChange, CancellationToken cancellationToken)
    {
        var live = await db.Subscriptions.AsNoTracking()
            .Where(subscription => subscription.AccountId == accountId && subscription.State.Status != SubscriptionStatus.Canceled)
            .OrderBy(subscription => subscription.State.StartedAt).ThenBy(subscription => subscription.Id)
            .ToListAsync(cancellationToken);
        // A gift whose time is over is live until it is tidied away; nobody has it any more.
        live.RemoveAll(subscription => subscription.Source == SubscriptionSource.Comped && !subscription.GrantsAccess);
        var views = await ViewsAsync(live, mayChange, cancellationToken);
        var primary = live.FindIndex(subscription => subscription.IsPrimary && subscription.Product == product);
        if (primary < 0)
        {
            primary = live.FindIndex(subscription => subscription.Product == product);
        }

        return new CurrentSubscriptions(primary < 0 ? null : views[primary], [.. views.Where((_, index) => index != primary)]);
    }

    /// <summary>One subscription.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public async Task<SubscriptionView> OfAsync(Subscription subscription, CancellationToken cancellationToken) =>
        (await ViewsAsync([subscription], mayChange: true, cancellationToken))[0];

    private async Task<List<SubscriptionView>> ViewsAsync(List<Subscription> subscriptions, bool mayChange, CancellationToken cancellationToken)
    {
        if (subscriptions.Count == 0)
        {
            return [];
        }

        var codes = subscriptions.Select(subscription => subscription.PlanCode).OfType<string>().Distinct().ToArray();
        var names = (await db.PlanVersions.AsNoTracking().Where(version => codes.Contains(version.PlanCode)).ToListAsync(cancellationToken))
            .ToDictionary(version => (version.PlanCode, version.Version), version => version.Terms.Name);
        var priceIds = subscriptions.SelectMany(subscription => subscription.PriceIds).Distinct().ToArray();
        var prices = (await db.Prices.SoldAs(priceIds).ToListAsync(cancellationToken)).ByPaddleId();
        return subscriptions.ConvertAll(subscription => View(subscription, names, prices, mayChange));
    }

    private SubscriptionView View(
        Subscription subscription, Dictionary<(string, int), LocalizedText> names, Dictionary<string, Price> prices, bool mayChange)
    {
        var state = subscription.State;
        var cycle = state.Items.FirstOrDefault(item => item.Interval is not null);
        var name = subscription.PlanCode is { } code ? names.GetValueOrDefault((code, subscription.PlanVersion)) : null;
        var ahead = state.ScheduledChange;
        return new SubscriptionView(
            subscription.Id,
            subscription.PlanCode,
            name?.In(ShopTexts.Language),
            subscription.PlanVersion,
            subscription.Product,
            subscription.Source,
            state.Status,
            SubscriptionSummary.Of(subscription),
            subscription.GrantsAccess,
            cycle?.Interval,
            cycle?.Frequency,
            PriceOf(state, prices) is { } price ? MoneyAmount.Of(price, currencies.Table) : null,
            state.StartedAt,
            state.PeriodStart,
            state.PeriodEnd,
            state.FindNextPayment(),
            state.TrialEndsAt,
            subscription.PastDueSince,
            subscription.GraceEndsAt,
            ahead is null ? null : new ScheduledChangeView(ahead.Action, ahead.EffectiveAt, ahead.ResumeAt),
            subscription.Entitlements,
            mayChange ? SubscriptionRules.Possible(subscription) : []);
    }

    // A price is held as the provider's catalogue has it. What the buyer pays may be its amount for some country, in another currency.
    private static Money? PriceOf(SubscriptionState state, Dictionary<string, Price> prices)
    {
        if (state.Currency is not { } currency || state.Items.Count == 0)
        {
            return null;
        }

        var sum = 0L;
        foreach (var item in state.Items.Where(item => item.Interval is not null))
        {
            var unit = item.UnitPrice.Currency == currency
                ? item.UnitPrice
                : prices.GetValueOrDefault(item.PriceId)?.Terms.Overrides.Select(entry => (Money?)entry.UnitPrice).FirstOrDefault(amount => amount?.Currency == currency);
            if (unit is not { } known)
            {
                return null;
            }

            sum = checked(sum + checked(known.Minor * item.Quantity));
        }

        return new Money(sum, currency);
    }
}
