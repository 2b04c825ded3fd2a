using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using BotGeneric.Billing.Data;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>
/// For which account a caller asks, and what of its money the caller may see and do: in one's own name everything; in an organization's its owners, admins
/// and those who look after its payments, while other members see only what there is. A token that was made out to an account that is part of another one now
/// is good for that one until it ends.
/// </summary>
internal sealed class BillingCaller
{
    private BillingCaller(Guid accountId, string subject, ProblemHttpResult? problem)
    {
        AccountId = accountId;
        Subject = subject;
        Problem = problem;
    }

    /// <summary>The account, to be part of every query.</summary>
    internal Guid AccountId { get; }

    /// <summary>Who asks, for the audit.</summary>
    internal string Subject { get; }

    /// <summary>The answer to give instead.</summary>
    internal ProblemHttpResult? Problem { get; }

    [MemberNotNullWhen(false, nameof(Problem))]
    internal bool IsGranted => Problem is null;

    /// <summary>Whether a caller may see payments and change things.</summary>
    internal static bool LooksAfterPayments(ClaimsPrincipal user) =>
        Caller.Of(user) is var caller && (caller.OrganizationId is null || caller.OrganizationRole is "owner" or "admin" or "billing");

    /// <summary>Somebody who wants to see what the account has.</summary>
    internal static async Task<BillingCaller> ReaderAsync(ClaimsPrincipal user, BillingDbContext db, CancellationToken cancellationToken)
    {
        var access = AccountAccess.Read(user, null);
        var account = access.IsGranted ? await db.KeptAccountAsync(access.Account, cancellationToken) : Guid.Empty;
        return new BillingCaller(account, Caller.Of(user).Subject, access.Problem);
    }

    /// <summary>Somebody who wants to see payments, or to change something.</summary>
    internal static async Task<BillingCaller> PayerAsync(ClaimsPrincipal user, BillingDbContext db, CancellationToken cancellationToken)
    {
        var reader = await ReaderAsync(user, db, cancellationToken);
        return reader.IsGranted && !LooksAfterPayments(user)
            ? new BillingCaller(Guid.Empty, reader.Subject, ApiProblems.Problem(StatusCodes.Status403Forbidden, ShopTexts.Text("role-needed")))
            : reader;
    }
}
