using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Payments;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What was paid and what was given back, for those who run the system.</summary>
public static partial class AdminPaymentsApi
{
    private const int LongestReport = 120;
    private static readonly string[] DayForms = ["yyyy-MM", "yyyy-MM-dd"];

    /// <summary>Maps <c>/api/admin/transactions</c> and <c>/api/admin/adjustments</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminPaymentsApi(this IEndpointRouteBuilder app)
    {
        var transactions = app.MapGroup("/api/admin/transactions").WithTags("Payments").RequireAuthorization(ApiPolicies.Admin);
        transactions.MapGet("/", ListTransactionsAsync).WithSummary("List payments");
        transactions.MapGet("/revenue", RevenueAsync).WithSummary("Add up revenue by month and currency");
        app.MapGroup("/api/admin/adjustments").WithTags("Payments").RequireAuthorization(ApiPolicies.Admin)
            .MapGet("/", ListAdjustmentsAsync).WithSummary("List refunds, credits and chargebacks");
    }

    /// <summary>Payments and attempts to get them, those that were begun last first.</summary>
    internal static async Task<Results<Ok<Page<AdminTransaction>>, ProblemHttpResult>> ListTransactionsAsync(
        BillingDbContext db,
        Currencies currencies,
        CancellationToken cancellationToken,
        [Description("Only this account's, or those of the account that it is part of now.")] Guid? account = null,
        [Description("Only of this subscription of Paddle's.")] string? subscription = null,
        [Description("Only of this customer of Paddle's.")] string? customer = null,
        [Description("Only in this state: draft, ready, billed, pastDue, paid, completed, canceled or unknown.")] EnumParameter<TransactionStatus>? status = null,
        [Description("Only those whose account is not known.")] bool? unlinked = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var kept = db.KeptAccounts(account ?? Guid.Empty);
        var query = db.Transactions.AsNoTracking();
        query = account is { } accountId ? query.Where(row => row.AccountId == accountId || kept.Contains(row.AccountId!.Value)) : query;
        query = subscription is not null ? query.Where(row => row.State.SubscriptionId == subscription) : query;
        query = customer is not null ? query.Where(row => row.State.CustomerId == customer) : query;
        query = status is { Value: var wanted } ? query.Where(row => row.State.Status == wanted) : query;
        query = unlinked is { } isUnlinked ? query.Where(row => (row.AccountId == null) == isUnlinked) : query;
        if (request.After is { } after)
        {
            query = query.Where(row => row.State.CreatedAt < after.At || (row.State.CreatedAt == after.At && row.PaddleId.CompareTo(after.Id) < 0));
        }

        var rows = await query.OrderByDescending(row => row.State.CreatedAt).ThenByDescending(row => row.PaddleId)
            .Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<AdminTransaction>.From(
            [.. rows.Select(row => AdminTransaction.From(row, currencies.Table))], request.Size, row => new Position(row.CreatedAt, row.Id)));
    }

    /// <summary>What was given back or taken back, what was begun last first.</summary>
    internal static async Task<Results<Ok<Page<AdminAdjustment>>, ProblemHttpResult>> ListAdjustmentsAsync(
        BillingDbContext db,
        Currencies currencies,
        CancellationToken cancellationToken,
        [Description("Only this account's, or those of the account that it is part of now.")] Guid? account = null,
        [Description("Only of this transaction of Paddle's.")] string? transaction = null,
        [Description("Only what does this: refund, credit, chargeback…")] string? action = null,
        [Description("Only in this state: pendingApproval, approved, rejected, reversed or unknown.")] EnumParameter<AdjustmentStatus>? status = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var kept = db.KeptAccounts(account ?? Guid.Empty);
        var query = db.Adjustments.AsNoTracking();
        query = account is { } accountId ? query.Where(row => row.AccountId == accountId || kept.Contains(row.AccountId!.Value)) : query;
        query = transaction is not null ? query.Where(row => row.State.TransactionId == transaction) : query;
        query = action is not null ? query.Where(row => row.State.Action == action) : query;
        query = status is { Value: var wanted } ? query.Where(row => row.State.Status == wanted) : query;
        if (request.After is { } after)
        {
            query = query.Where(row => row.State.CreatedAt < after.At || (row.State.CreatedAt == after.At && row.PaddleId.CompareTo(after.Id) < 0));
        }

        var rows = await query.OrderByDescending(row => row.State.CreatedAt).ThenByDescending(row => row.PaddleId)
            .Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<AdminAdjustment>.From(
            [.. rows.Select(row => AdminAdjustment.From(row, currencies.Table))], request.Size, row => new Position(row.CreatedAt, row.Id)));
    }

    /// <summary>
    /// What each month brought, by currency: paid, tax in it, given back, and what is left without tax. Months are UTC; the last twelve by default. A payment
    /// counts in the month in which it was completed, a refund in the one in which it was begun. A month is named as such, by a day of it or by a time in it: <c>2026-01</c>,
    /// <c>2026-01-31</c> or <c>2026-01-31T12:00:00Z</c>.
    /// </summary>
    internal static async Task<Results<Ok<RevenueReport>, ProblemHttpResult>> RevenueAsync(
        Revenue revenue,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("The first month, such as 2026-01; by default eleven months before the last one.")] string? from = null,
        [Description("The last month, such as 2026-12; by default the present one.")] string? to = null)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var last = FirstDay(ReadMonth("to", to, errors) ?? DateOnly.FromDateTime(timeProvider.GetUtcNow().UtcDateTime));
        var first = ReadMonth("from", from, errors) is { } day ? FirstDay(day) : last.Year > 1 ? last.AddMonths(-11) : DateOnly.MinValue;
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        var months = ((last.Year - first.Year) * 12) + last.Month - first.Month + 1;
        if (months is < 1 or > LongestReport || last == DateOnly.MaxValue)
        {
            return ApiProblems.Invalid("from", $"Must not be later than to, and by at most {LongestReport} months earlier.");
        }

        return TypedResults.Ok(await revenue.ReadAsync(Start(first), Start(last).AddMonths(1), cancellationToken));
    }

    // Months are UTC, so a time with another offset may be in another month than it says. What a form leaves empty is left out.
    private static DateOnly? ReadMonth(string name, string? text, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, DayForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        if (TimeForm().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return DateOnly.FromDateTime(time.UtcDateTime);
        }

        errors[name] = ["Send a month such as 2026-01, a day of it such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z."];
        return null;
    }

    // The year 9999 has no month after its last one.
    private static DateOnly FirstDay(DateOnly day) => day.Year == DateOnly.MaxValue.Year ? DateOnly.MaxValue : new DateOnly(day.Year, day.Month, 1);

    private static DateTimeOffset Start(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex TimeForm();

    private sealed record Position(DateTimeOffset At, string Id);
}
