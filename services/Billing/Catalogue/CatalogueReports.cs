using BotGeneric.Billing.Api;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Catalogue;

/// <summary>What to write to Paddle's catalogue.</summary>
/// <param name="Plans">Only these plans; all by default.</param>
/// <param name="DryRun">Only say what would be done.</param>
public sealed record PushRequest(IReadOnlyList<string>? Plans = null, bool DryRun = false);

/// <summary>What is done to a product or price.</summary>
public enum CatalogueAction
{
    /// <summary>Made at Paddle.</summary>
    Create,

    /// <summary>Made at Paddle again: what was known there is gone. Never in Production.</summary>
    Recreate,

    /// <summary>It is there already, and is known here from now on.</summary>
    Link,

    /// <summary>Changed at Paddle.</summary>
    Update,

    /// <summary>Taken over from Paddle.</summary>
    Import,

    /// <summary>Nothing can be done by itself.</summary>
    None,
}

/// <summary>What became of it.</summary>
public enum CatalogueOutcome
{
    /// <summary>It would be done.</summary>
    Planned,

    /// <summary>Done.</summary>
    Done,

    /// <summary>It could not be done; nothing has changed.</summary>
    Failed,

    /// <summary>Whether it was done is not known. A second push finds out by our mark and does not do it twice.</summary>
    Unknown,
}

/// <summary>One product or price of a push.</summary>
/// <param name="PlanCode">The plan.</param>
/// <param name="PriceId">Our price; null for the product.</param>
/// <param name="PaddleId">Paddle's product or price; null while there is none.</param>
/// <param name="Action">What.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Differences">What was different.</param>
/// <param name="Problem">Why it could not be done.</param>
/// <param name="WithoutTrial">Whether it is the price without the plan's trial, for accounts that have used up theirs.</param>
public sealed record PushedItem(
    string PlanCode,
    Guid? PriceId,
    string? PaddleId,
    CatalogueAction Action,
    CatalogueOutcome Outcome,
    IReadOnlyList<CatalogueDifference> Differences,
    string? Problem = null,
    bool WithoutTrial = false);

/// <summary>A push.</summary>
/// <param name="DryRun">Whether nothing was done.</param>
/// <param name="Items">What was to be done. Products and prices that are as they should be are not listed.</param>
public sealed record PushReport(bool DryRun, IReadOnlyList<PushedItem> Items)
{
    internal bool IsWhole => Items.All(item => item.Outcome is CatalogueOutcome.Done or CatalogueOutcome.Planned);
}

/// <summary>What to take over from Paddle's catalogue.</summary>
/// <param name="Mappings">Prices of Paddle's that are to sell a plan. Those that bear our mark need none.</param>
/// <param name="ImportAmounts">
/// Whether amounts that were changed at Paddle are taken over: as the next version of our price, because a price never changes. Otherwise they are only said.
/// </param>
/// <param name="DryRun">Only say what would be done.</param>
public sealed record PullRequest(IReadOnlyList<PriceMapping>? Mappings = null, bool ImportAmounts = false, bool DryRun = false);

/// <summary>Which plan a price of Paddle's is to sell.</summary>
/// <param name="PaddlePriceId">Paddle's price, <c>pri_…</c>.</param>
/// <param name="PlanCode">The plan.</param>
public sealed record PriceMapping(string PaddlePriceId, string PlanCode);

/// <summary>One price of a pull.</summary>
/// <param name="PaddlePriceId">Paddle's price.</param>
/// <param name="PaddleProductId">Paddle's product.</param>
/// <param name="Name">What Paddle calls it.</param>
/// <param name="Status">Paddle's word: <c>active</c> or <c>archived</c>; null when Paddle does not know it.</param>
/// <param name="Price">What a cycle costs there.</param>
/// <param name="Interval">The unit of the billing cycle; null for what is paid once.</param>
/// <param name="Frequency">How many units make a cycle.</param>
/// <param name="PlanCode">The plan that it sells, or will; null when it sells none.</param>
/// <param name="PriceId">Our price, where there is one.</param>
/// <param name="Action">What is done.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Differences">What is different there.</param>
/// <param name="Problem">What is wrong, or why it could not be done.</param>
/// <param name="WithoutTrial">Whether it is the price without the plan's trial, for accounts that have used up theirs.</param>
public sealed record PulledPrice(
    string PaddlePriceId,
    string? PaddleProductId,
    string? Name,
    string? Status,
    MoneyAmount? Price,
    BillingInterval? Interval,
    int? Frequency,
    string? PlanCode,
    Guid? PriceId,
    CatalogueAction Action,
    CatalogueOutcome Outcome,
    IReadOnlyList<CatalogueDifference> Differences,
    string? Problem = null,
    bool WithoutTrial = false);

/// <summary>A pull.</summary>
/// <param name="DryRun">Whether nothing was done.</param>
/// <param name="Prices">Every price of Paddle's, and every price of ours that Paddle does not know.</param>
public sealed record PullReport(bool DryRun, IReadOnlyList<PulledPrice> Prices);
