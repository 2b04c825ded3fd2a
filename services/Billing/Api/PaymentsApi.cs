using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What an account has paid, for those who look after its payments.</summary>
public static class PaymentsApi
{
    // A checkout that is open or was given up is no payment; the change of a way to pay is one only when something was paid with it.
    private static readonly TransactionStatus[] Shown =
        [TransactionStatus.Billed, TransactionStatus.PastDue, TransactionStatus.Paid, TransactionStatus.Completed];

    /// <summary>Maps <c>/api/billing</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaymentsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/billing").WithTags("Payments").RequireScope(ApiScopes.BillingRead);
        group.MapGet("/transactions", ListAsync).WithSummary("List payments");
        group.MapGet("/transactions/{id}", GetAsync).WithSummary("See a payment");
        group.MapGet("/transactions/{id}/receipt", ReceiptAsync).RequireAuthorization(ApiPolicies.NotImpersonated).WithSummary("Get a link to the invoice");
        group.MapGet("/payment-methods", PaymentMethodsAsync).WithSummary("List saved ways to pay");
    }

    /// <summary>
    /// What the account has paid and has to pay, newest first. In an organization for its owners, admins and those who look after payments; 403 for the others.
    /// </summary>
    internal static async Task<Results<Ok<Page<PaymentView>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user,
        BillingDbContext db,
        Currencies currencies,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var caller = await BillingCaller.PayerAsync(user, db, cancellationToken);
        if (!caller.IsGranted)
        {
            return caller.Problem;
        }

        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = Of(db, caller.AccountId).Where(row => Shown.Contains(row.State.Status));
        if (request.After is { } after)
        {
            query = query.Where(row =>
                row.State.CreatedAt < after.CreatedAt || (row.State.CreatedAt == after.CreatedAt && row.PaddleId.CompareTo(after.Id) < 0));
        }

        var rows = await query
            .OrderByDescending(row => row.State.CreatedAt).ThenByDescending(row => row.PaddleId)
            .Take(request.Size + 1)
            .ToListAsync(cancellationToken);
        var page = Page<Transaction>.From(rows, request.Size, row => new Position(row.State.CreatedAt, row.PaddleId));
        return TypedResults.Ok(new Page<PaymentView>(await ViewsAsync(db, page.Items, currencies.Table, cancellationToken), page.NextCursor));
    }

    /// <summary>A payment of the account's, with what was given back of it.</summary>
    internal static async Task<Results<Ok<PaymentView>, ProblemHttpResult>> GetAsync(
        [Description("The payment provider's id, txn_….")] string id,
        ClaimsPrincipal user,
        BillingDbContext db,
        Currencies currencies,
        CancellationToken cancellationToken)
    {
        var (payment, problem) = await FindAsync(id, user, db, cancellationToken);
        return payment is null ? problem! : TypedResults.Ok((await ViewsAsync(db, [payment], currencies.Table, cancellationToken))[0]);
    }

    /// <summary>
    /// Where the invoice can be read as PDF, for about an hour. 404 until the payment provider has issued one. The link is for the payer alone.
    /// </summary>
    internal static async Task<Results<Ok<ReceiptLink>, ProblemHttpResult>> ReceiptAsync(
        [Description("The payment provider's id, txn_….")] string id,
        ClaimsPrincipal user,
        HttpResponse response,
        BillingDbContext db,
        IPaddleClient paddle,
        CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        var (payment, problem) = await FindAsync(id, user, db, cancellationToken);
        if (payment is null)
        {
            return problem!;
        }

        if (!HasReceipt(payment))
        {
            return ApiProblems.NotFound(ShopTexts.Text("payment.noReceipt"));
        }

        var result = await paddle.GetInvoiceAsync(payment.PaddleId, cancellationToken);
        return result switch
        {
            { IsDone: true } => TypedResults.Ok(new ReceiptLink(result.Value!.Url)),
            { Failure.IsNotFound: true } => ApiProblems.NotFound(ShopTexts.Text("payment.noReceipt")),
            _ => result.Failure!.ToProblem(response),
        };
    }

    /// <summary>What the account's payers have saved to pay with. A payer who has bought for other accounts too is left out in an organization.</summary>
    internal static async Task<Results<Ok<PaymentMethodList>, ProblemHttpResult>> PaymentMethodsAsync(
        ClaimsPrincipal user, BillingDbContext db, AccountPayers payers, CancellationToken cancellationToken)
    {
        var caller = await BillingCaller.PayerAsync(user, db, cancellationToken);
        if (!caller.IsGranted)
        {
            return caller.Problem;
        }

        var mine = await payers.ListAsync(caller.AccountId, cancellationToken);
        var methods = await db.PaymentMethods.AsNoTracking()
            .Where(method => mine.Contains(method.CustomerId) && method.DeletedAt == null)
            .OrderBy(method => method.PaddleId)
            .Select(method => new PaymentMethodView(method.PaddleId, method.Type))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new PaymentMethodList(methods));
    }

    private static IQueryable<Transaction> Of(BillingDbContext db, Guid accountId) => db.Transactions.AsNoTracking().Where(row => row.AccountId == accountId);

    private static async Task<(Transaction? Payment, ProblemHttpResult? Problem)> FindAsync(
        string id, ClaimsPrincipal user, BillingDbContext db, CancellationToken cancellationToken)
    {
        var caller = await BillingCaller.PayerAsync(user, db, cancellationToken);
        if (!caller.IsGranted)
        {
            return (null, caller.Problem);
        }

        var found = await Of(db, caller.AccountId).SingleOrDefaultAsync(row => row.PaddleId == id && Shown.Contains(row.State.Status), cancellationToken);
        return (found, found is null ? ApiProblems.NotFound(ShopTexts.Text("payment.none")) : null);
    }

    private static bool HasReceipt(Transaction payment) =>
        payment.State.Status is TransactionStatus.Completed or TransactionStatus.Billed or TransactionStatus.PastDue && payment.State.InvoiceNumber is not null;

    private static async Task<List<PaymentView>> ViewsAsync(
        BillingDbContext db, IReadOnlyList<Transaction> payments, CurrencyTable currencies, CancellationToken cancellationToken)
    {
        var ids = payments.Select(payment => payment.PaddleId).ToArray();
        var adjustments = (await db.Adjustments.AsNoTracking().Where(row => ids.Contains(row.State.TransactionId)).ToListAsync(cancellationToken))
            .ToLookup(row => row.State.TransactionId);
        var subscriptionIds = payments.Select(payment => payment.State.SubscriptionId).OfType<string>().Distinct().ToArray();
        var subscriptions = await db.Subscriptions.AsNoTracking()
            .Where(row => subscriptionIds.Contains(row.PaddleId!))
            .ToDictionaryAsync(row => row.PaddleId!, row => row.Id, cancellationToken);
        return [.. payments.Select(payment => PaymentView.From(
            payment,
            payment.State.SubscriptionId is { } id && subscriptions.TryGetValue(id, out var known) ? known : null,
            HasReceipt(payment),
            adjustments[payment.PaddleId],
            currencies))];
    }

    private sealed record Position(DateTimeOffset CreatedAt, string Id);
}
