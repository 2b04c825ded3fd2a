using System.Text.Json.Nodes;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Sells. Nothing is sold to an account that has a live paid subscription to the product, and it has at most one checkout for it: a second tab, a second replica and
/// a second click get the same one, and a wish for something else gives the first one up. The row is there before Paddle hears of it, so that nothing that Paddle
/// does is unknown here. A trial belongs to a price at Paddle; who has used up theirs buys at the one without.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle's API.</param>
/// <param name="settlement">Finds out what Paddle knows.</param>
/// <param name="payers">Knows the account's payer.</param>
/// <param name="trials">Knows who has used up their trial.</param>
/// <param name="references">Signs who a checkout is for.</param>
/// <param name="options">How things are sold.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CheckoutDesk(
    BillingDbContext db,
    IPaddleClient paddle,
    CheckoutSettlement settlement,
    AccountPayers payers,
    TrialUse trials,
    CheckoutReferences references,
    IOptions<ShopOptions> options,
    TimeProvider timeProvider)
{
    private const int MaximumRounds = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Begins a checkout, or hands out the one that is open.</summary>
    /// <param name="wish">What is to be bought.</param>
    /// <param name="cancellationToken">Ends the waiting. What Paddle was asked is carried through.</param>
    public async Task<CheckoutResult> BeginAsync(CheckoutWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var plan = await db.Plans.AsNoTracking().Include(row => row.Prices)
            .SingleOrDefaultAsync(row => row.Code == wish.PlanCode && row.Visibility != PlanVisibility.Archived, cancellationToken);
        if (plan is null)
        {
            return new CheckoutResult.UnknownPlan();
        }

        if (Choose(plan, wish) is not { } offer)
        {
            return new CheckoutResult.NotSold();
        }

        try
        {
            return await BeginAsync(wish, plan, offer.Price, cancellationToken);
        }
        catch (PaddleException exception)
        {
            return new CheckoutResult.Failed(exception.Failure);
        }
    }

    private async Task<CheckoutResult> BeginAsync(CheckoutWish wish, Plan plan, Price price, CancellationToken cancellationToken)
    {
        var product = plan.Terms.Product;
        for (var round = 0; round < MaximumRounds; round++)
        {
            // What was bought under an account that is part of another one now is that one's: everything is looked up where it would be written.
            var accountId = await ResolveAsync(wish.AccountId, cancellationToken);

            // An open checkout becomes a paid one, and that a subscription. Looked at in this order, none of them can pass by between two looks.
            var present = await db.Checkouts.AsNoTracking().SingleOrDefaultAsync(
                row => row.AccountId == accountId && row.Product == product
                    && (row.Status == CheckoutStatus.Creating || row.Status == CheckoutStatus.Open),
                cancellationToken);
            var isPaid = await IsPaidAsync(accountId, product, cancellationToken);
            if (await db.Subscriptions.AnyAsync(
                row => row.AccountId == accountId && row.Product == product && row.Source == SubscriptionSource.Paddle
                    && row.State.Status != SubscriptionStatus.Canceled,
                cancellationToken))
            {
                return new CheckoutResult.AlreadySubscribed();
            }

            if (isPaid)
            {
                return new CheckoutResult.AlreadyPaid();
            }

            // Behind what is live, so that one that has begun and ended meanwhile is not passed by.
            var isTrialUsed = await trials.IsUsedAsync(accountId, product, cancellationToken);
            var trialDays = isTrialUsed ? null : plan.Terms.TrialDays;
            var sold = CataloguePrice.For(plan, price, isTrialUsed);
            var known = await db.CatalogueEntries.AsNoTracking().SingleOrDefaultAsync(entry => entry.PaddleId == sold.PaddleId, cancellationToken);
            if (sold.BuyableId(plan.Terms, known) is not { } paddlePriceId)
            {
                return new CheckoutResult.NotPushed();
            }

            var result = present switch
            {
                null => await TryInsertAsync(wish, accountId, plan, price, trialDays, cancellationToken) is { } begun
                    ? await CreateAsync(begun, wish, price, paddlePriceId)
                    : null,
                { Status: CheckoutStatus.Creating } => await AwaitAsync(present, cancellationToken),
                _ when present.PriceId == price.Id && present.TrialDays == trialDays => await ReuseAsync(present, cancellationToken),
                _ => await settlement.GiveUpAsync(present, CancellationToken.None) is null ? null : new CheckoutResult.AlreadyPaid(),
            };
            if (result is not null)
            {
                return result;
            }
        }

        return new CheckoutResult.BeingPrepared();
    }

    private PriceOffer? Choose(Plan plan, CheckoutWish wish)
    {
        var offers = PriceSelection.Offers(plan, wish.Buyer, options.Value.DefaultCurrency);
        return wish is { Interval: null, Frequency: null }
            ? (offers.Count > 0 ? offers[0] : null)
            : offers.FirstOrDefault(offer =>
                offer.Price.Terms.Interval == (wish.Interval ?? offer.Price.Terms.Interval) && offer.Price.Terms.Frequency == (wish.Frequency ?? 1));
    }

    // Accounts are asked about in a transaction; there is nothing to commit.
    private async Task<Guid> ResolveAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        return (await AccountAliases.ResolveAsync(db, [accountId], cancellationToken)).Of(accountId);
    }

    // Paid, and its subscription is not here yet. One that never comes must not keep the account from buying for ever.
    private Task<bool> IsPaidAsync(Guid accountId, string product, CancellationToken cancellationToken)
    {
        var since = timeProvider.GetUtcNow() - options.Value.CheckoutLifetime;
        return db.Checkouts.AnyAsync(
            row => row.AccountId == accountId && row.Product == product && row.Status == CheckoutStatus.Completed && row.CreatedAt > since
                && !db.Subscriptions.Any(subscription => subscription.CheckoutId == row.Id),
            cancellationToken);
    }

    // The database lets one of two in; the other one finds its row in the next round.
    private async Task<Checkout?> TryInsertAsync(
        CheckoutWish wish, Guid accountId, Plan plan, Price price, int? trialDays, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Once more, now that a merge has to wait for this transaction: of an account that was merged meanwhile the wrong one was looked up.
        if ((await AccountAliases.ResolveAsync(db, [accountId], cancellationToken)).Of(accountId) != accountId)
        {
            return null;
        }

        var checkout = Checkout.Begin(Guid.CreateVersion7(now), accountId, plan, price, trialDays, wish.Actor, now);
        db.Checkouts.Add(checkout);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return checkout;
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return null;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    // Without the caller's cancellation from here on: a buyer who closes the tab must not leave a transaction that nobody knows of.
    private async Task<CheckoutResult> CreateAsync(Checkout checkout, CheckoutWish wish, Price price, string paddlePriceId)
    {
        var result = await paddle.CreateTransactionAsync(
            new PaddleTransactionCreation
            {
                Items = [new PaddleItem(paddlePriceId)],
                CustomerId = await payers.FindAsync(checkout.AccountId, CancellationToken.None),
                // Only what was asked for and fits: otherwise Paddle takes the buyer's country into account.
                CurrencyCode = wish.Buyer.Currency is { } currency && currency == price.Terms.UnitPrice.Currency ? currency : null,
                CustomData = new JsonObject { [CheckoutReferences.Member] = references.Create(checkout.Id, checkout.AccountId) },
            },
            CancellationToken.None);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            result = await FindAsync(checkout) is { } found ? found : result;
        }

        if (result.IsDone)
        {
            await settlement.OpenAsync(checkout.Id, result.Value);
            return await ReadyAsync(checkout.Id, isNew: true);
        }

        if (result.Outcome != PaddleOutcome.Unknown)
        {
            await settlement.AbandonAsync(checkout.Id, CheckoutStatus.Creating);
        }

        return new CheckoutResult.Failed(result.Failure);
    }

    private async Task<PaddleTransaction?> FindAsync(Checkout checkout)
    {
        // Paddle answers within seconds; the rest is left to the worker, and to whoever asks again.
        using var time = new CancellationTokenSource(options.Value.SettlingTime, timeProvider);
        try
        {
            while (true)
            {
                if (await settlement.FindAsync(checkout, time.Token) is { } transaction)
                {
                    return transaction;
                }

                await Task.Delay(Pause * 5, timeProvider, time.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PaddleException)
        {
            return null;
        }
    }

    // Another request waits for Paddle, or did so until its process was killed.
    private async Task<CheckoutResult?> AwaitAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        if (timeProvider.GetUtcNow() - checkout.CreatedAt > CheckoutSettlement.OnItsWay)
        {
            await settlement.SettleAsync(checkout, cancellationToken);
        }
        else
        {
            await Task.Delay(Pause, timeProvider, cancellationToken);
        }

        return null;
    }

    private async Task<CheckoutResult?> ReuseAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        var result = await paddle.GetTransactionAsync(checkout.TransactionId!, cancellationToken);
        switch (result)
        {
            case { Value: { } transaction } when CheckoutSettlement.IsPaid(transaction):
                await settlement.OpenAsync(checkout.Id, transaction);
                return new CheckoutResult.AlreadyPaid();
            case { Value: { } transaction } when transaction.Status != PaddleTransactionStatuses.Canceled:
                await settlement.OpenAsync(checkout.Id, transaction);
                return await ReadyAsync(checkout.Id, isNew: false);
            case { Value: not null } or { Failure.IsNotFound: true }:
                await settlement.AbandonAsync(checkout.Id, CheckoutStatus.Open);
                return null;
            // Nobody has said that the link is not good any more.
            default:
                return checkout.Url is null ? new CheckoutResult.Failed(result.Failure!) : new CheckoutResult.Ready(checkout, IsNew: false);
        }
    }

    private async Task<CheckoutResult> ReadyAsync(Guid checkoutId, bool isNew)
    {
        var checkout = await db.Checkouts.AsNoTracking().SingleAsync(row => row.Id == checkoutId, CancellationToken.None);
        return checkout.Status == CheckoutStatus.Open ? new CheckoutResult.Ready(checkout, isNew) : new CheckoutResult.AlreadyPaid();
    }
}
