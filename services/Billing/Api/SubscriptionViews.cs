using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>Shows subscriptions to those who have them.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class SubscriptionViews(BillingDbContext db, Currencies currencies)
{
    private static readonly string[] WithinPeriod = [PaddleOrigins.SubscriptionUpdate, PaddleOrigins.SubscriptionCharge, PaddleOrigins.SubscriptionPaymentMethodChange];

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
        var views = new List<SubscriptionView>(subscriptions.Count);
        foreach (var subscription in subscriptions)
        {
            views.Add(View(subscription, names, await PriceOfAsync(subscription, prices, cancellationToken), mayChange));
        }

        return views;
    }

    private SubscriptionView View(
        Subscription subscription, Dictionary<(string, int), LocalizedText> names, Money? price, bool mayChange)
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
            price is { } known ? MoneyAmount.Of(known, currencies.Table) : null,
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

    private async Task<Money?> PriceOfAsync(Subscription subscription, Dictionary<string, Price> prices, CancellationToken cancellationToken)
    {
        var state = subscription.State;
        var candidates = RecurringPrice.Candidates(state, prices);
        if (candidates.Count == 1)
        {
            return new Money(candidates.Single(), state.Currency!);
        }

        if (candidates.Count == 0 || subscription.PaddleId is not { } paddleId)
        {
            return null;
        }

        // What changes a subscription within a period is billed for the rest of it, and a way to pay is changed for nothing.
        var paid = await db.Transactions.AsNoTracking()
            .Where(payment => payment.State.SubscriptionId == paddleId && payment.CompletedAt != null && payment.State.Totals.Total > 0
                && !WithinPeriod.Contains(payment.State.Origin))
            .OrderByDescending(payment => payment.CompletedAt).ThenByDescending(payment => payment.PaddleId)
            .FirstOrDefaultAsync(cancellationToken);
        return RecurringPrice.Paid(state, candidates, paid?.State) is { } sum ? new Money(sum, state.Currency!) : null;
    }
}
