using System.ComponentModel;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Subscriptions;

/// <summary>Which subscriptions. Everything that is given must hold.</summary>
public sealed class SubscriptionFilter
{
    /// <summary>The longest search that is looked for.</summary>
    public const int MaximumSearchLength = 320;

    /// <summary>Only this account's, or those of the account that it is part of now.</summary>
    [Description("Only this account's, or those of the account that it is part of now.")]
    public Guid? Account { get; init; }

    /// <summary>Only in this state.</summary>
    [Description("Only in this state: trialing, active, pastDue, paused, canceled or unknown.")]
    public EnumParameter<SubscriptionStatus>? Status { get; init; }

    /// <summary>Only to this plan.</summary>
    [Description("Only to this plan.")]
    public string? Plan { get; init; }

    /// <summary>Only from there.</summary>
    [Description("Only paid ones (paddle) or gifts (comped).")]
    public EnumParameter<SubscriptionSource>? Source { get; init; }

    /// <summary>Only what is more than one to a product.</summary>
    [Description("Only live paid ones that are not the account's primary one of the product: somebody pays twice. Gifts are none.")]
    public bool? Surplus { get; init; }

    /// <summary>Only those of nobody we know.</summary>
    [Description("Only those whose account was made up for the payer, and waits to be linked.")]
    public bool? Unlinked { get; init; }

    /// <summary>Only those without a plan.</summary>
    [Description("Only those whose price belongs to no plan.")]
    public bool? WithoutPlan { get; init; }

    /// <summary>A text to search by.</summary>
    [Description("Paddle's id of the subscription or the customer, our id, or the payer's whole e-mail address.")]
    public string? Search { get; init; }

    internal IQueryable<Subscription> Apply(BillingDbContext db)
    {
        var query = db.Subscriptions.AsNoTracking();
        var kept = db.KeptAccounts(Account ?? Guid.Empty);
        query = Account is { } account ? query.Where(subscription => subscription.AccountId == account || kept.Contains(subscription.AccountId)) : query;
        query = Status is { Value: var status } ? query.Where(subscription => subscription.State.Status == status) : query;
        query = Plan is { } plan ? query.Where(subscription => subscription.PlanCode == plan) : query;
        query = Source is { Value: var source } ? query.Where(subscription => subscription.Source == source) : query;
        query = Surplus is { } surplus
            ? query.Where(subscription =>
                (!subscription.IsPrimary && subscription.Source == SubscriptionSource.Paddle && subscription.State.Status != SubscriptionStatus.Canceled) == surplus)
            : query;
        query = Unlinked is { } unlinked ? query.Where(subscription => subscription.IsLinked != unlinked) : query;
        query = WithoutPlan is { } without ? query.Where(subscription => (subscription.PlanCode == null) == without) : query;
        return string.IsNullOrWhiteSpace(Search) ? query : Find(db, query, Search.Trim());
    }

    private static IQueryable<Subscription> Find(BillingDbContext db, IQueryable<Subscription> query, string text)
    {
        if (Guid.TryParse(text, out var id))
        {
            var kept = db.KeptAccounts(id);
            return query.Where(subscription => subscription.Id == id || subscription.AccountId == id || kept.Contains(subscription.AccountId));
        }

        if (!text.Contains('@', StringComparison.Ordinal))
        {
            return query.Where(subscription => subscription.PaddleId == text || subscription.CustomerId == text);
        }

        // Paddle keeps addresses as they were typed; people type them as they like.
        var lower = text.ToLowerInvariant();
        return query.Where(subscription => db.Customers.Any(customer =>
            customer.PaddleId == subscription.CustomerId && (customer.Email == text || customer.Email == lower)));
    }
}
